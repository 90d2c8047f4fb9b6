-- Questions for the subroutine places.
with wanted (text) as (
  select unnest(array[
    'Where have I been most often?',
    'Which places did I visit last week?',
    'Where was I on Saturday?',
    'My most frequent places',
    'Which locations come up in my calendar?',
    'Where do I go most?',
    'Places where I had meetings in May',
    'At which restaurants was I?',
    'Where did my meetings take place?',
    'In which cities was I last year?',
    'List the locations of my events.',
    'Which venues did I go to most often?',
    'Where do I usually have lunch?',
    'Where did I spend my weekends?',
    'What places have I been to in June?',
    'Top locations of the year',
    'Which cafés did I go to?',
    'Show me my places.',
    'Where in town was I most last autumn?',
    'Which meeting rooms did I use the most?',
    'The spots I visit regularly',
    'Where were my appointments held in March?',
    'Rank the places by how often I was there.',
    'Which addresses stand in my calendar most often?',
    'Where was I out and about the most in 2019?',
    'What are the places with most of my events in 2018?',
    'My most visited cafés',
    'Which spots did I go to the most last year?',
    'Most frequent venues in my calendar',
    'What places was I at most?',
    'The places I have been to the most',
    'At which places did I have the most events in June?',
    'Where did my appointments take place most often in June?',
    'Which places did I go to most in spring 2017?',
    'Which places come up most in my calendar in 2018?',
    'Where have I been most often in June?',
    'My most visited places in May 2019',
    'Which venues had the most of my events in June?',
    'In which places was I most in spring 2017?',
    'Where did I go most in 2018?',
    'Top places in spring 2017',
    'At which location were most of my events in May 2019?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'places'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'places' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
