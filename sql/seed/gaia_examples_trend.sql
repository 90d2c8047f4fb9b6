-- Questions for the subroutine trend.
with wanted (text) as (
  select unnest(array[
    'How did my video watching change over the last year?',
    'Number of searches per week in spring',
    'Do I get more and more mails?',
    'Development of my page visits since 2020',
    'Show me the number of mails by month.',
    'Am I watching less than I used to?',
    'Plot my meetings per quarter.',
    'Is my searching increasing?',
    'How have my visits developed month after month?',
    'Trend of mails from the bank',
    'What is the tendency of my video consumption?',
    'Videos per month since January',
    'Over time, how many mails do I receive?',
    'Break down my searches by year.',
    'Give me a monthly series of meetings.',
    'Has the number of events been falling?',
    'How many mails did I get in each month of 2022?',
    'Weekly page visits in the last quarter',
    'Are my mails rising or falling?',
    'Let me see the evolution of my searches.',
    'Show the course of my watching over the years.',
    'For every month, the count of videos',
    'Did I search less and less?',
    'The yearly numbers of my mails',
    'Growth of my visits to the forum',
    'Curve of my calendar entries per month',
    'How does my use of the app change with time?',
    'Videos per year',
    'Monthly number of mails in 2021',
    'From year to year, how did my meetings change?',
    'Searches by month',
    'Was there an increase in page visits during last year?',
    'Has my number of events gone up with the years?',
    'mails per week in 2019',
    'Did the meetings become more over the months of 2020?',
    'How did watching videos evolve in the course of the year?',
    'How has the number of mails developed lately?',
    'In what way did the number of visits develop?',
    'How did the quantity of meetings develop last year?',
    'Show how the number of my searches went in 2020.',
    'How did my number of events change between January and June?',
    'How many searches were there each week?',
    'How many meetings did I have every month of 2019?',
    'How many visits for each year?',
    'How many mails did I write in every single week of May?',
    'How many clips per month, one after the other?',
    'Number of searches for each month of the year',
    'How many videos did I see every month in 2018?',
    'How many mails were there in every year?',
    'For each week of spring, how many meetings?',
    'Week by week, how many meetings in spring?',
    'How many things did I search each day of May?',
    'The course of my mails, month after month',
    'How many clips did I see in each month?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.subroutine = 'trend' and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'trend' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
