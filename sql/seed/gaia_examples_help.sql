-- Questions for the subroutine help.
with wanted (text) as (
  select unnest(array[
    'How does this work?',
    'What are you able to do?',
    'Which questions can I put to you?',
    'Give me help.',
    'Show me examples of questions.',
    'What can I do here?',
    'I don''t know what to ask.',
    'How do I use this?',
    'List your abilities.',
    'What are your functions?',
    'Explain to me what you are good for.',
    'Which subroutines are there?',
    'What do you offer?',
    'Instructions please',
    'How should I ask?',
    'help me',
    'What kinds of questions work?',
    'What are you for?',
    'Tell me your skills.',
    'Where do I start?',
    'What is possible here?',
    'In what ways can you assist me?',
    'Which things are you able to answer?',
    'Usage'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'help'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'help' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
