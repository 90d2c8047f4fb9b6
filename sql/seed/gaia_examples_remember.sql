-- Questions for the subroutine remember.
with wanted (text) as (
  select unnest(array[
    'Remember my shoe size, it is 43.',
    'Please remember: the meeting room is on the third floor.',
    'Keep in mind that I don''t eat meat.',
    'Note to yourself: the bike is at Tom''s.',
    'Remember that the plumber is called Frank.',
    'Save this: my membership number is 77123.',
    'Make a note that the guest wifi is called Heron.',
    'Bear in mind that I work from home on Fridays.',
    'Write down that I lent the drill to Peter.',
    'Please take note: the vet is closed in August.',
    'Remember I prefer tea.',
    'For later: the car key is in the blue bowl.',
    'I want you to remember that Claire is my sister.',
    'Store the following: the alarm code is 9090.',
    'Keep a note of this: rent is due on the third.',
    'Memorise that my doctor is Dr Weber.',
    'Don''t let it slip: the cat gets pills on Mondays.',
    'You should know that I am called Kim by friends.',
    'Remember this for me: gate B is the back door.',
    'Take down: the ladder is in the cellar.',
    'Never forget that my favourite colour is green.',
    'Put in your notes that I sing in a choir.',
    'Know that the neighbour has our spare parasol.',
    'Note: the heating is serviced in October.',
    'Make yourself a note: I have a cat.',
    'Note for yourself: the parcel shop closes at six.',
    'Make a note: my size in gloves is nine.',
    'Write that down: the wifi is called Otter.',
    'Jot down: dentist moved to the new street.',
    'From now on, keep in mind that I get up at six.',
    'Please write this down for me: size 39.',
    'Can you remember for me that the gate code is 77?',
    'Would you note down that I am vegetarian?',
    'Please keep for later that the tent is with Paul.',
    'Take this down for me: I sleep badly at full moon.',
    'Please remember I snore.',
    'Remember I have asthma.',
    'Keep a note of it that my blood type is B.',
    'Write down for me: hay fever in May.',
    'Do remember that I hate coriander.',
    'Remember that I like tea.',
    'Please keep in mind that I like tea.',
    'Make a note for yourself: the key is under the mat',
    'Could you remember that I like tea?',
    'I want you to know that I like tea.',
    'Write this down: the key is under the mat.',
    'Remember: the key is under the mat',
    'For the future, keep in mind that I like tea.',
    'Please remember I like tea.',
    'Keep a note that I like tea.'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'remember'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'remember' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
