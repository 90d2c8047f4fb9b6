-- Questions for the subroutine explain.
with wanted (text) as (
  select unnest(array[
    'Why did you say that?',
    'How do you know?',
    'Explain your answer.',
    'Why this recommendation?',
    'How did you come to that?',
    'What is that answer based on?',
    'Where do you have that from?',
    'Why did you choose this?',
    'Explain how you found that.',
    'What makes you say so?',
    'Give reasons for the last answer.',
    'On what grounds did you answer that?',
    'How was this computed?',
    'Why do you recommend that to me?',
    'Show how you got to this figure.',
    'Which data did you use for the answer?',
    'Justify your answer.',
    'Why is that the answer?',
    'What are your sources for this?',
    'Why that and not another one?',
    'How did this answer come about?',
    'Are you sure, and why?'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'explain'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'explain' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
