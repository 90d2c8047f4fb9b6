-- Questions for the subroutine forget.
with wanted (text) as (
  select unnest(array[
    'Forget my shoe size.',
    'Delete the note on the plumber.',
    'Forget what I said about tea.',
    'You don''t need to remember the gate code any more.',
    'Remove your note about the drill.',
    'Forget that I don''t eat meat.',
    'Please forget what I told you on the car key.',
    'Erase the note with the alarm code.',
    'Forget about my doctor.',
    'Strike what you remembered of the vet.',
    'Discard your note on the choir.',
    'No need to keep in mind the thing on Fridays any longer.',
    'Clear the note about the ladder.',
    'Unlearn what I told you about my sister.',
    'Take back the note on the rent.',
    'Let go of what you noted on the neighbour.',
    'Throw away the note on the heating.',
    'Stop remembering my favourite colour.',
    'Delete from your notes what I said of the parasol.',
    'The note regarding the cat can go.',
    'Please do not remember my size any more.',
    'You should no longer keep the note on the gloves.',
    'Stop keeping the parcel shop in mind.',
    'I want you to forget tea.',
    'Please forget coriander.',
    'Forget the hay fever.',
    'Forget what I told you about tea.',
    'Forget your note on tea.',
    'Please no longer remember the key.',
    'Delete the note about tea.',
    'Remove what I said about tea.',
    'Forget about tea.',
    'Don''t remember tea any more.',
    'I want you to forget the key.',
    'Forget the thing about tea.'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'forget'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'forget' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
