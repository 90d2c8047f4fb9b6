create or replace function forge.write_interactions(
  p_job_id bigint, p_token bigint, p_version_id bigint, p_subjects text[], p_items text[], p_weights text[]
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform forge.hold_job(p_job_id, p_token);
  insert into forge.interaction (version_id, subject, items, weights)
  select p_version_id, n.subject, n.items::integer[], n.weights::real[]
  from unnest(p_subjects, p_items, p_weights) as n (subject, items, weights);
end
$$;

comment on function forge.write_interactions(bigint, bigint, bigint, text[], text[], text[]) is
'Stores what subjects had; each element of p_items and p_weights is an array in its text form.
SQLSTATE 55000 when the token is stale.';
