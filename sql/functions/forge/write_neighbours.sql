create or replace function forge.write_neighbours(
  p_job_id bigint, p_token bigint, p_version_id bigint, p_items integer[], p_neighbours text[], p_weights text[]
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform forge.hold_job(p_job_id, p_token);
  insert into forge.neighbour (version_id, item, neighbours, weights)
  select p_version_id, n.item, n.neighbours::integer[], n.weights::real[]
  from unnest(p_items, p_neighbours, p_weights) as n (item, neighbours, weights);
end
$$;

comment on function forge.write_neighbours(bigint, bigint, bigint, integer[], text[], text[]) is
'Stores the neighbours of items; each element of p_neighbours and p_weights is an array in its text form.
SQLSTATE 55000 when the token is stale.';
