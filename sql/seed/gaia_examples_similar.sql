-- Questions for the subroutine similar.
with wanted (text) as (
  select unnest(array[
    'What is similar to this video?',
    'Find things like the article on glaciers.',
    'More like the mail about the tent',
    'Show items related to “Bread for beginners”.',
    'Anything comparable to the page on heat pumps?',
    'Which videos are like “The old quarry”?',
    'Find something alike.',
    'What resembles the note on packing?',
    'Similar items to “Knots explained”',
    'Show me neighbours of “Slate roofs”.',
    'Related content to my mail on the boat',
    'Items close to the video about volcanoes',
    'Look for pages that resemble “Tram map”.',
    'Other items on the same subject as “Soldering basics”',
    'Videos in the vein of “Night trains”',
    'What goes with “Rye starter, day one”?',
    'List what is most like “Sharpening on stones”.',
    'Do I have more things similar to “Moon phases”?',
    'Which mails are like the one on the fence?',
    'Find the nearest things to “Paper boats”.',
    'Give me items like “Harbour tour”.',
    'What is akin to “Bridge building”?',
    'Is there more of the kind of “Winter garden”?',
    'What in my data is related to “Repairing a bike”?',
    'What else is like “Paper boats”?',
    'Which items resemble “Night trains”?',
    'What resembles “Tram map”?',
    'What is there besides “Rye starter, day one” of that kind?',
    'Find videos similar to “Night trains”.',
    'What else is like “Night trains”?',
    'Which of my items resemble “Night trains”?',
    'What resembles “Night trains”?',
    'Look for things like “Night trains”.',
    'Anything similar to “Night trains”?',
    'Show items that are related to “Night trains”.'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'similar'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'similar' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
