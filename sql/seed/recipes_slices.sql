-- Figures on parts of the held-out rows: for every recipe that holds rows of a table out.
update forge.recipe as r
set options = r.options || '{
  "sensitive": {"type": "texts", "meaning": "Columns that the bias report compares groups by; not learned from, unless slices is used instead."},
  "slices": {"type": "texts", "meaning": "Columns whose values, or quartiles, get figures of their own; may be learned from."}
}'
where r.name in ('classifier', 'regressor', 'text_classifier');
update forge.recipe as r
set options = r.options || '{
  "favourable": {"type": "text", "meaning": "Label that counts as selected in selection, true and false positive rates; the second of two unless given."}
}'
where r.name in ('classifier', 'text_classifier');
