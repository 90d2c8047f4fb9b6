-- Questions for the subroutine predict.
with wanted (text) as (
  select unnest(array[
    'Predict the label of this text with my model.',
    'Use my model to classify this.',
    'What does my classifier say?',
    'Apply the model churn to these values.',
    'Run the model on this row.',
    'What would my regressor estimate here?',
    'Score this with the trained model.',
    'Which class does the model give?',
    'Let the model decide: spam or not?',
    'Ask my trained model for a prediction.',
    'What does the model predict for x = 3?',
    'Predict with model taste.',
    'Classify this mail with my classifier.',
    'Give me the output of the model for these features.',
    'Evaluate the model on this input.',
    'What is the model''s estimate for the price?',
    'Make use of the deployed model on this.',
    'Feed this to my model.'
  ])
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'en' and e.subroutine = 'predict'
    and e.text not in (select w.text from wanted as w)
)
insert into gaia.example (owner_id, subroutine, text, source)
select 'system' as owner_id, 'predict' as subroutine, w.text, 'builtin' as source
from wanted as w
on conflict on constraint example_text_uq do nothing;
