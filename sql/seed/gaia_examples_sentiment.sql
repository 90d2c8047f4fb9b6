-- Questions for the subroutine sentiment.
with wanted (text) as (
  select unnest(array[
    'Is Tom angry in his mails?',
    'What mood do my messages have?',
    'How positive is the feedback in my mails?',
    'Sentiment of my mails in May',
    'Are the messages of my sister happy?',
    'How does Anna feel in her mails?',
    'What is the emotional tone of the chat?',
    'Were the mails of the landlord unfriendly?',
    'Do people write kindly to me?',
    'Analyse the sentiment of the conversation with Peter.',
    'How negative were the mails in March?',
    'Is the tone of the letters rude or polite?',
    'What feelings are in the notes?',
    'Was Claire upset when she wrote?',
    'Rate the mood of the mails from the team.',
    'Mood of my mails over the last month',
    'Are the messages from Marco cheerful or sad?',
    'In what spirit does my boss write?',
    'Does Sarah''s mail sound annoyed?',
    'How friendly is the tone of the emails by the bank?',
    'Positive or negative: the mails from the school',
    'Which feeling do the letters of Peter convey?',
    'Is there anger in the messages of Tom?',
    'How does the tone of my brother''s emails come across?',
    'What is the mood of the mails from Tom?',
    'Are the mails from Sarah friendly or angry?',
    'How positive were the mails of Anna in 2018?',
    'In what mood does Tom write to me?',
    'Analyse the sentiment of Anna''s mails.',
    'How friendly are the mails of Sarah?',
    'Is Tom angry in the mails?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'sentiment'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'sentiment' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
