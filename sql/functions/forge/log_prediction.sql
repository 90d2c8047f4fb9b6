create or replace function forge.log_prediction(p_version_id bigint, p_features jsonb, p_output jsonb)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
insert into forge.prediction (version_id, features, output) values (p_version_id, p_features, p_output);
$$;

comment on function forge.log_prediction(bigint, jsonb, jsonb) is
'Keeps a prediction for later comparison with what came of it.';
