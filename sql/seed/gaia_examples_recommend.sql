-- Questions for the subroutine recommend.
with wanted (text) as (
  select unnest(array[
    'Recommend me something to watch.',
    'What should I watch next?',
    'Which channels might I like?',
    'Suggest a video for tonight.',
    'Give me recommendations.',
    'What else could interest me?',
    'Any suggestions for new channels?',
    'Recommend videos similar to what I watch.',
    'What would I enjoy watching?',
    'Suggest five websites that fit my taste.',
    'What might I want to read next?',
    'Which channel should I try?',
    'Got any tips for something new to watch?',
    'Recommend me a channel about cooking.',
    'What do you recommend for me?',
    'I am bored, what should I watch?',
    'Find me something new that I will like.',
    'What should I look at next?',
    'Give me three suggestions based on my history.',
    'Propose something to read.',
    'Based on my taste, what would you pick?',
    'Which videos would you suggest to me?',
    'What other channels are like my favourites?',
    'Show me things that I could like.',
    'What would be a good next video?',
    'Recommend pages to me.',
    'Suggest something in the style of what I watched last.',
    'Which creators should I follow?',
    'What could I listen to?',
    'Pick a video for me.',
    'I want to discover something new.',
    'Your recommendations for this evening',
    'What fits my interests?',
    'Tell me what to watch tonight.',
    'Something I have not seen yet but would love',
    'What would you recommend to me today?',
    'Can you recommend me something?',
    'Please recommend me a few pages.',
    'Recommend something new.',
    'Which videos do you recommend?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'recommend'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'recommend' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
