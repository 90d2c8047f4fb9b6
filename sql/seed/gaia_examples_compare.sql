-- Questions for the subroutine compare.
with wanted (text) as (
  select unnest(array[
    'Did I watch more videos in March or in April?',
    '2021 versus 2022: where did I visit more pages?',
    'Compare my searches of this year and last year.',
    'Was I in more meetings this month than last month?',
    'Do I mail more with Anna or with Tom?',
    'Which do I watch more often, cooking or woodworking?',
    'Compare Anna and Tom by number of mails.',
    'Have I searched more in summer than in winter?',
    'More pages this week or the week before?',
    'How do my mails of May compare to those of June?',
    'Is the news site or the weather site the one I visit more?',
    'Difference in watched videos between 2020 and 2021',
    'Who writes to me more, my brother or my sister?',
    'Compare last spring with this spring.',
    'Did I have fewer appointments in July than in August?',
    'Meetings in the first quarter compared with the second',
    'Is it more videos now than a year ago?',
    'Channel A or channel B: which one did I see more?',
    'Contrast my searches of Monday and Sunday.',
    'How much more did I watch in 2023 than in 2022?',
    'Whom did I meet more often, Sarah or Peter?',
    'Compare how often I was on the forum and on the wiki.',
    'Were there more mails from the bank or from the insurance?',
    '2019 vs 2020 searches',
    'Did I write more emails to Claire than to Marco?',
    'In which of the two years did I have more events, 2018 or 2019?',
    'Guitar Corner vs Piano Corner',
    'Had I more visits in autumn or in spring?',
    'Put last year beside this year: number of mails',
    'Less or more searches than in the previous month?',
    'Compare the two channels by videos in June.',
    'Which month had more page visits, May or June?',
    'Set 2021 against 2022 in meetings.',
    'Which year was it when I had more videos, 2016 or 2017?',
    'Of Tom and Sarah, who sent me more mails?',
    'How did 2021 compare with 2022 for events?',
    'mails from Anna vs mails from Tom',
    'Which of the two did I visit more often, the wiki or the shop?',
    'Compare Anna and Tom: how many mails did they send?',
    'Guitar Corner against Piano Corner in May',
    'Compare Madrid and Vienna: how many events?',
    'Compare the wiki and the shop: how many visits?',
    'Stone Talks versus Paper Talks last summer',
    'The forum versus the wiki in June',
    'Compare 2016 and 2017: how many videos?',
    'Did Anna write to me more than Tom in 2019?',
    'How do the mails of Anna compare with those of Tom?',
    'Guitar Corner versus Piano Corner',
    'Guitar Corner or Piano Corner: which more?',
    'Between the wiki and the forum, which did I open more?',
    '2016 against 2017 by number of mails',
    '2015 or 2016, which had more searches?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.subroutine = 'compare' and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'compare' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
