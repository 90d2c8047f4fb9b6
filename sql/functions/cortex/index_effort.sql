create or replace function cortex.index_effort(p_generation_id bigint)
returns integer
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select case when c.reltuples < 80000 then 100 else 250 end
    from pg_catalog.pg_class as c
    where c.oid = to_regclass(format('cortex.%I', format('embedding_%s', p_generation_id)))
  );
end
$$;

comment on function cortex.index_effort(bigint) is
'How many candidates a search of a generation''s index keeps (hnsw.ef_search): more in a larger graph,
where fewer miss more than 3 of 100 of the nearest. cortex.indexed_ranking_of_many has the larger number.';
