-- Questions for the subroutine next.
with wanted (text) as (
  select unnest(array[
    'What happens next?',
    'What is the next thing on my calendar?',
    'Which appointments are coming?',
    'What''s on my agenda next?',
    'Upcoming events',
    'What do I have to do next?',
    'What comes after this in my schedule?',
    'Tell me my next meeting.',
    'What is planned for the coming days?',
    'What will I probably do tonight?',
    'What will I do next?',
    'What is ahead of me?',
    'Which meetings lie ahead?',
    'Next entries in my calendar',
    'What am I likely to do on Friday evening?',
    'Anything coming up soon?',
    'Show my upcoming appointments.',
    'What is waiting for me in the calendar?',
    'Where do I have to go next?',
    'What am I going to do next, most likely?',
    'The next items of my agenda',
    'What follows on my calendar?',
    'What''s up after lunch, by my calendar?',
    'Is anything on soon?',
    'Next up?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'next'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'next' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
