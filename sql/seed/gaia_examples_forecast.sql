-- Questions for the subroutine forecast.
with wanted (text) as (
  select unnest(array[
    'How many mails will I get next week?',
    'Forecast the number of my searches.',
    'What is the expected number of videos next month?',
    'How many pages am I going to visit next week?',
    'Project my steps for the coming month.',
    'Will I watch more videos next month?',
    'Extrapolate my mails for next year.',
    'Estimate how many meetings I will have in the next quarter.',
    'What number of searches do you expect for tomorrow?',
    'Forecast for my video watching',
    'How will my number of mails go on?',
    'Prediction of page visits for the next seven days',
    'How many events are to be expected in the coming weeks?',
    'Make a forecast of my mails.',
    'Expected searches in the next four weeks',
    'How busy will the next weeks be with meetings?',
    'How many mails should I reckon with in the coming month?',
    'Give a projection of my watching for the next days.',
    'What will my page visits look like in the next two weeks?',
    'Anticipate the count of my searches for next month.',
    'Predict my number of meetings for next month.',
    'How many videos are likely to be watched by me next week?',
    'An outlook for the number of my mails',
    'Estimate my visits of the coming week.',
    'How many videos will I watch next month?',
    'Forecast my searches for the next weeks.',
    'What will my number of meetings be next month?',
    'How many meetings do you expect me to have next week?',
    'What''s the forecast for my pages?',
    'Estimate my searches for next month.',
    'How will my videos develop in the coming weeks?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'forecast'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'forecast' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
