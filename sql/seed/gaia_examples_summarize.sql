-- Questions for the subroutine summarize.
with wanted (text) as (
  select unnest(array[
    'Summarize my mails of last week.',
    'Give me the main points of the conversation with Tom.',
    'What are Anna''s mails about, in short?',
    'Sum up the messages about the wedding.',
    'A summary of the newsletter, please',
    'Summarise what the landlord wrote.',
    'Boil down the discussion on the roof.',
    'In a few sentences, what did Sarah write?',
    'Condense the mails from the insurance in May.',
    'TL;DR of my mails with Peter',
    'Outline what was said about the conference.',
    'Brief me on the mails of the bank.',
    'Key points of the notes on gardening',
    'What is the essence of Claire''s letters?',
    'Make a digest of my mails in March.',
    'Shorten the thread about the car for me.',
    'Recap the chat with my brother.',
    'Summary of everything from the school last month',
    'What do the mails of the lawyer come down to?',
    'Wrap up what Marco wrote in June.',
    'Give me a short version of the mails by my sister.',
    'Summarize the documents on the flat.',
    'Recapitulate Tom''s emails of 2021.',
    'Short summary of what I got from the team in April',
    'Can you give an overview of Anna''s mails from May?',
    'The gist of last week''s messages',
    'Sum up in brief what my boss mailed me.',
    'Summarize the correspondence with the tax office in 2020.',
    'Recap Tom''s mails in May.',
    'Put the mails of Sarah into a few sentences.',
    'What did Anna write in May? Sum it up.',
    'Tom''s mails in short, please',
    'Summarize the mails from Anna in May 2019.',
    'Give me a summary of what Anna wrote to me in June.',
    'Sum up the mails of Sarah in 2018.',
    'What do the mails from Anna in May 2019 say, in short?',
    'Give a short summary of Sarah''s mails in 2018.',
    'Summarize what Tom mailed me in May 2019.',
    'Recap Anna''s mails in May 2019.',
    'Boil the mails of Sarah in May 2019 down to a few sentences.',
    'What did Sarah write last year? A summary, please.',
    'Sum up what Sarah mailed me in June.'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'summarize'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'summarize' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
