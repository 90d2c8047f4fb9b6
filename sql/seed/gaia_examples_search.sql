-- Questions for the subroutine search.
with wanted (text) as (
  select unnest(array[
    'What did Anna write about the trip?',
    'Find the mail with the booking code.',
    'What was the name of the hotel in Lisbon?',
    'Show me videos about sourdough that I watched.',
    'What did I read about heat pumps?',
    'Find pages about grinder settings.',
    'Which article did I read on sleep?',
    'What is the address of the hotel that I booked?',
    'Search my mails for the invoice.',
    'What did the landlord say about the deposit?',
    'Which video explained how to sharpen a chisel?',
    'Look for anything about the wedding.',
    'What was the recipe for the lentil soup?',
    'What did we agree on in the meeting with Tom?',
    'How much was the rent?',
    'What was my seat on the flight?',
    'Where was the concert?',
    'Find the page about train tickets that I had open.',
    'What did Sarah recommend to me?',
    'What is the code for the door?',
    'Show everything about my move.',
    'What do I know about espresso?',
    'What did the doctor write?',
    'Which mails mention the contract?',
    'What price did the movers offer?',
    'Find that video about the volcano.',
    'What was the error message I searched for?',
    'What does the offer say about holidays?',
    'Where did I book the table?',
    'Who told me about the band?',
    'Who invited me to the wedding?',
    'What are the details of the booking?',
    'What did I search about visas?',
    'Do I have a mail about the warranty?',
    'Pull up my notes on gardening.',
    'Which websites about photography did I look at?',
    'What did my brother suggest for the present?',
    'What was in the mail from the bank?',
    'What happened at the choir rehearsal?',
    'Why did Tom cancel?',
    'Who is the contact for the flat?',
    'How do I open the calibration menu, according to the mail?',
    'Which phone number did the workshop give me?',
    'look up coffee stuff in my history',
    'Did anybody write to me about the party?',
    'What did I want to know about knee pain?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.subroutine = 'search' and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system', 'search', w.text, 'builtin'
from wanted as w
on conflict on constraint example_text_uq do nothing;
