-- Questions for the subroutine entities.
with wanted (text) as (
  select unnest(array[
    'Which names occur in my mails?',
    'What companies are mentioned in my mails?',
    'List the places that my notes mention.',
    'Extract the names from the mail about the boat.',
    'Which organisations come up in my documents?',
    'What people are named in the messages from Tom?',
    'Find all cities mentioned in my mails of May.',
    'Which persons appear in the texts?',
    'Named entities in my notes',
    'What brands are mentioned in my mails?',
    'Which products are named in the newsletters?',
    'Who and what is mentioned in the document?',
    'Pull the names of companies out of my mails.',
    'Which countries do my mails name?',
    'Show the entities in the mail of the lawyer.',
    'Names of firms in my documents',
    'What places are mentioned by Anna?',
    'All people mentioned in the notes on the wedding',
    'Recognise the names in this text.',
    'Which locations are named in the chat?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'entities'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'entities' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
