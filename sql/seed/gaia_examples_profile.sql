-- Questions for the subroutine profile.
with wanted (text) as (
  select unnest(array[
    'Who am I?',
    'What am I interested in?',
    'Give me a profile of myself.',
    'What do you have on me?',
    'Tell me about myself.',
    'What are my interests?',
    'Which data about me is here?',
    'Give an overview of my data.',
    'What kind of things do you know of me?',
    'Draw up my profile.',
    'How would you describe me?',
    'What does my data say about me?',
    'A portrait of me, please',
    'What data do you hold on me?',
    'Characterise me.',
    'What can you tell about me from what you hold?',
    'Sum me up.',
    'My digital self in a nutshell',
    'What sort of data is stored about me?',
    'Show me my profile.',
    'What is known about me here?',
    'Overview of all that is stored',
    'What type of person am I?',
    'What am I like?',
    'Everything that you know about me',
    'Which information on me is there in total?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'profile'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'profile' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
