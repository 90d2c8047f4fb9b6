create or replace function forge.write_items(
  p_job_id bigint, p_token bigint, p_version_id bigint, p_first integer, p_items text[], p_weights double precision[]
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform forge.hold_job(p_job_id, p_token);
  insert into forge.popularity (version_id, ordinal, item, weight)
  select p_version_id, p_first + i.position - 1, i.item, i.weight
  from unnest(p_items, p_weights) with ordinality as i (item, weight, position);
end
$$;

comment on function forge.write_items(bigint, bigint, bigint, integer, text[], double precision[]) is
'Stores items of a recommender, numbered from p_first. SQLSTATE 55000 when the token is stale.';
