-- Questions for the subroutine top.
with wanted (text) as (
  select unnest(array[
    'Which channels did I watch most last spring?',
    'What are my most visited websites?',
    'Who do I write with most often?',
    'Which sites did I visit most in March?',
    'What do I search for most often?',
    'My top 5 channels of 2023',
    'Top ten websites this year',
    'Who sent me the most mails last year?',
    'Which videos have I watched most often?',
    'Which channel did I watch most in summer?',
    'What were my most frequent searches last month?',
    'List the people I mail with the most.',
    'What is my favourite channel?',
    'Show a ranking of the sites that I open most.',
    'What are the three channels I watched most about coffee?',
    'Which search terms did I use most in winter?',
    'Whom did I meet most often in 2024?',
    'Which website do I spend most visits on?',
    'Most watched creators since January',
    'Which person writes to me most?',
    'What pages did I visit most frequently between May and July?',
    'Rank my channels by number of videos.',
    'Who are my most frequent correspondents?',
    'Give me the most common search queries.',
    'Which domains came up most in my history?',
    'What did I watch the most last weekend?',
    'Top searches of the last three weeks',
    'Which events do I have most often?',
    'With whom do I have the most meetings?',
    'The YouTubers I watch most',
    'Which five people did I email most in autumn?',
    'Which weekday did I watch most videos?',
    'What topic did I google most?',
    'Biggest channels in my watch history by views of mine',
    'Who got the most emails from me?',
    'My most visited pages about cooking',
    'Which channels were my favourites last year?',
    'What was my number one website in 2022?',
    'Most played videos of this month',
    'Which senders fill my inbox the most?',
    'Leaderboard of my channels',
    'What sites am I on all the time?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.subroutine = 'top' and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'top' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
