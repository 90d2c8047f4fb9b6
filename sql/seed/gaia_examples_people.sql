-- Questions for the subroutine people.
with wanted (text) as (
  select unnest(array[
    'Who did I talk to about the roof?',
    'Which people were at the wedding?',
    'With whom did I discuss the contract?',
    'Who knows about the boat?',
    'Who was there at the dinner?',
    'Whom did I mail about the flat?',
    'Which friends wrote about the concert?',
    'Who attended the team meeting?',
    'With whom have I been to the festival?',
    'Who was I with in Rome?',
    'Which colleagues did I write with about the budget?',
    'People I corresponded with on the subject of bees',
    'Who took part in the workshop?',
    'With whom did I go sailing?',
    'Who went with me to Oslo?',
    'Which contacts have written about bread?',
    'Who came to the party?',
    'Who else was on the hike?',
    'Who wrote to me on the subject of insurance?',
    'Which persons mention the camera in mails?',
    'Who exchanged emails with me on the tax return?',
    'Who did I meet on the sailing trip?',
    'Who was my company on the journey to Vienna?',
    'Names of the people involved in the mails about the fence',
    'Who travelled together with me to Paris?',
    'Which people did I see in Rome?',
    'Everybody who wrote about the garden',
    'Who was along at the concert?',
    'Who has been writing about the kitchen?',
    'In contact with whom was I about the car?',
    'Whom did I meet during the holiday?',
    'Who came with me on the tour to Madrid?',
    'Who wrote about the car to me?',
    'Who mentioned the garden in a mail?',
    'Who was my companion in Rome?',
    'Which people brought up the budget in their mails?',
    'Who did I go sailing with?',
    'Who wrote to me about the lost keys?',
    'Who was in contact with me about the lamp?',
    'Who has something to say on bread in my mails?',
    'People who mailed about the roof',
    'Who talks of the car in mails?',
    'The people at the wedding, who were they?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.subroutine = 'people' and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'people' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
