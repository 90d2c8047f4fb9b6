-- Questions for the subroutine timeline.
with wanted (text) as (
  select unnest(array[
    'What did I do yesterday?',
    'What happened last Monday?',
    'Show me everything from the weekend.',
    'How was my day on Tuesday?',
    'List what I did on 5 May.',
    'Give me a chronology of last week.',
    'What was I up to on New Year''s Eve?',
    'My activities of 14 July in order of time',
    'What appointments are on Thursday?',
    'Which meetings did I have yesterday?',
    'What does my calendar say for Friday?',
    'Events of last Sunday',
    'Go over my week.',
    'What was going on in the first week of June?',
    'Show the log of that day.',
    'Timeline of the sailing trip',
    'Which things did I do during the holiday?',
    'What stood in my calendar last Wednesday?',
    'Tell me what I did on Christmas.',
    'Take me through last Saturday.',
    'A diary of 2 February, please',
    'List all my appointments on 9 August.',
    'What had I planned on 3 April?',
    'Reconstruct what I did on 12 October.',
    'On the first of May, what was I doing?',
    'What all happened on my birthday?',
    'The sequence of events on 8 June',
    'Let me see the calendar of 17 September.',
    'My schedule on 4 November',
    'Which calendar entries are there for the 21st of May?',
    'Anything in the calendar on 30 August?',
    'How did I pass 6 June?',
    'Show me 19 April 2022.',
    'What was 10 January 2021 like for me?',
    'All I did on 23 March, one after another',
    'What were my appointments on 2 December?',
    'What did I do on 14 July 2018?',
    'What happened on 14 July 2018?',
    'Show me my day on 14 July 2018.',
    'What was I doing on 5 May 2019?',
    'Tell me about 14 July 2018.',
    'What did 5 May 2019 look like?',
    'List everything that I did on 14 July 2018.',
    '5 May 2019: what did I do?',
    'What went on on 5 May 2019?',
    'Give me my 14 July 2018 in order of time.',
    'What was in my calendar on 5 May 2019?',
    'Which appointments did I have on 5 May 2019?',
    'List my meetings of 5 May 2019.',
    'Which meetings were on 14 July 2018?',
    'What was planned for 5 May 2019?',
    'Show the calendar for 5 May 2019.',
    'What did I have in the calendar on 14 July 2018?',
    'Which events did 14 July 2018 have?',
    'Did I have meetings on 14 July 2018, and which?',
    'The agenda of 5 May 2019, please'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'timeline'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'timeline' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
