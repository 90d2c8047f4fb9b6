create or replace function forge.check_outcome(p_model text, p_outcome text, p_new_label boolean)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_output text;
  v_labels text[];
begin
  select v.signature ->> 'output' into v_output
  from forge.model as m
  join forge.version as v on v.owner_id = m.owner_id and v.model_id = m.id
  where m.owner_id = (select ops.current_owner()) and m.name = p_model and v.signature ? 'output'
  order by v.id desc
  limit 1;
  if v_output = 'value' and coalesce(forge.number_of(p_outcome) not between -1e300 and 1e300, true) then
    perform ops.fail('22023', format('the outcome "%s" is no number', p_outcome), 'The model predicts a value; give one.');
  end if;
  if v_output = 'score' and p_outcome not in ('true', 'false') then
    perform ops.fail(
      '22023', format('the outcome "%s" is no verdict', p_outcome), 'Give true where it was an anomaly, else false.'
    );
  end if;
  if p_new_label then
    return;
  end if;
  -- Of versions beside each other one may know a label that the other does not.
  select array_agg(distinct l.label order by l.label) into v_labels
  from forge.model as m
  join forge.version as v on v.owner_id = m.owner_id and v.model_id = m.id
  cross join lateral jsonb_array_elements_text(
    case when jsonb_typeof(v.signature -> 'labels') = 'array' then v.signature -> 'labels' end
  ) as l (label)
  where m.owner_id = (select ops.current_owner()) and m.name = p_model;
  if p_outcome <> all (v_labels) then
    perform ops.fail(
      '22023', format('the model "%s" knows no label "%s"', p_model, p_outcome),
      format(
        'Its labels: %s. Give {"new_label": true} where it is another one all the same.',
        array_to_string(v_labels[:20], ', ') || case when cardinality(v_labels) > 20 then ' ...' else '' end
      )
    );
  end if;
end
$$;

comment on function forge.check_outcome(text, text, boolean) is
'Checks that an outcome is what a model predicts: a number, a verdict, or a label that one of its versions knows, unless
it is said to be a new one. SQLSTATE 22023.';
