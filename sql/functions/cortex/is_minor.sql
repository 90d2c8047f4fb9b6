create or replace function cortex.is_minor(p_generation_id bigint)
returns boolean
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select o.texts < c.reltuples / 2 and o.texts <= cortex.narrow_limit()
    from (
      select coalesce(sum(d.texts), 0)::double precision as texts
      from cortex.corpus_delta as d
      where d.owner_id = (select ops.current_owner())
    ) as o
    cross join pg_catalog.pg_class as c
    where c.oid = to_regclass(format('cortex.%I', format('embedding_%s', p_generation_id)))
  );
end
$$;

comment on function cortex.is_minor(bigint) is
'Whether the current owner has so few of a generation''s texts that the vector index, which is of all owners, would be
passed for long to find them; then they are compared one by one.';
