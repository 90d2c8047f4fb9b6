-- Questions for the subroutine when.
with wanted (text) as (
  select unnest(array[
    'When did I first search for Lisbon?',
    'When did I last watch a video about coffee?',
    'When was my last dentist appointment?',
    'When did Anna first write to me?',
    'When was the last time I visited that website?',
    'On which day did I book the flight?',
    'What date was the meeting with Tom?',
    'When did I move to Berlin?',
    'When is my next appointment?',
    'Since when do I watch this channel?',
    'When did I start watching woodworking videos?',
    'What was the first video I ever watched?',
    'What was the last thing I searched for?',
    'When did I get the mail about the offer?',
    'How long ago did I last hear from Sarah?',
    'When was the wedding?',
    'When does the course begin?',
    'What day was the concert?',
    'In which month did I buy the bike?',
    'When did I last meet my brother?',
    'What time was the interview?',
    'When did I first hear from the landlord?',
    'The date of my last visit to the doctor',
    'When did I receive the invoice?',
    'First time I looked up running shoes',
    'When was it that I read about composting?',
    'When did I stop searching for apartments?',
    'On what date did the choir trip take place?',
    'When did I send the application?',
    'When have I last opened the bank''s website?',
    'What year did I start to learn Spanish?',
    'How long have I been watching this channel?',
    'How long is it since I searched for flights?',
    'When do I have yoga?',
    'When was the package delivered?',
    'last time i wrote to mum',
    'When did we have dinner at the Italian restaurant?',
    'When did I watch the film about the sea?',
    'When was my birthday party?',
    'When did I discover that band?',
    'When did my contract start?',
    'When will the meeting with the team be?',
    'In which week was the sailing course?',
    'When did I play tennis last?',
    'When does the pottery course take place?',
    'What day does the exam fall on?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.subroutine = 'when' and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'when' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
