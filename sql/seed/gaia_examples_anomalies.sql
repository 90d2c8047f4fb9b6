-- Questions for the subroutine anomalies.
with wanted (text) as (
  select unnest(array[
    'Was there anything strange in my mails last month?',
    'Find unusual days.',
    'Which days were out of the ordinary?',
    'Outliers in my steps',
    'Detect anomalies in my searches.',
    'When did I behave differently than usual?',
    'Are there odd peaks in my page visits?',
    'Show the abnormal weeks of my calendar.',
    'Anything suspicious in my activity?',
    'Any exceptional day in my watching?',
    'Which days deviate most from my habits?',
    'Strange patterns in my mails in May?',
    'Were there days with unusually many searches?',
    'Spot irregularities in my visits.',
    'What is anomalous about my meetings in June?',
    'Check my activity for outliers.',
    'Unusual spikes in videos',
    'Look for days that fall out of the pattern.',
    'Was something off with my searches in March?',
    'Show me weird days in my mails.',
    'Which dates are extraordinary in my visits?',
    'Did something unusual occur in my events last year?',
    'Days on which my videos were far from normal',
    'Is there any oddity in my meetings?',
    'On which days was something unusual about my mails?',
    'Were there any outliers among my mails in 2018?',
    'Find anomalies in my searches.',
    'Is there anything unusual in my pages in May 2019?',
    'Which days were strange as to my mails?',
    'Look for outliers in my videos.',
    'When was my number of meetings out of the ordinary?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'anomalies'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'anomalies' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
