-- Questions for the subroutine count.
with wanted (text) as (
  select unnest(array[
    'How many videos did I watch in March 2023?',
    'How many videos about coffee did I watch last year?',
    'How many times did I search for flights?',
    'How often did I visit the news site this month?',
    'How many mails did I get from Anna in 2022?',
    'Count my searches from yesterday.',
    'How many emails have I sent to my brother?',
    'How many meetings did I have last week?',
    'What is the number of pages I visited in June?',
    'How often did I look up recipes?',
    'How many times have I watched this channel?',
    'Number of mails with an invoice since January',
    'How many websites did I open on Monday?',
    'Count the videos on woodworking that I watched between May and July.',
    'How many events with Tom are in my calendar?',
    'How often was I at the dentist in 2023?',
    'Did I search for Lisbon more than ten times? How many?',
    'How many messages did I write to Sarah this year?',
    'Tell me how many appointments I had in the second quarter.',
    'How much did I watch in summer: how many videos?',
    'Total number of searches about running shoes',
    'How often do I have a yoga class?',
    'How many mails did the landlord send me?',
    'How many different channels did I watch last month?',
    'How many days did I search for something about bread?',
    'How many emails about the conference have I received?',
    'In how many mails was the trip mentioned?',
    'How frequently did I visit the weather page last winter?',
    'Give me the count of YouTube videos watched on weekends.',
    'How many things did I look for on Google in the last three weeks?',
    'Amount of mail received from the bank during 2024',
    'How many calendar entries mention the choir?',
    'How many times did I go to that website since spring?',
    'How many videos by this channel have I seen so far?',
    'Could you count how often I searched for jobs?',
    'How many pages about gardening have I read?',
    'How many e-mails came in yesterday?',
    'How many of my searches were about music?',
    'How many birthdays are in my calendar?',
    'Please count the meetings with my manager.',
    'how many vids have i seen',
    'How many items do you have from me?',
    'How many films on the sea did I see in May?',
    'how many tutorials did i watch in autumn',
    'How many clips of that band have I played this year?',
    'how many talks did i listen to in december',
    'how many videos about pottery in 2021',
    'What is the number of letters from the school?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.subroutine = 'count' and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'count' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
