create or replace function cortex.narrow_limit()
returns integer
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select (1000 + 20 * sqrt(greatest(
      (
        select sum(d.texts)::double precision
        from cortex.corpus_delta as d
        where d.owner_id = (select ops.current_owner())
      ),
      (
        select c.reltuples::double precision
        from cortex.generation as g
        join pg_catalog.pg_class as c on c.oid = to_regclass(format('cortex.%I', format('embedding_%s', g.id)))
        where g.state = 'active'
      ),
      0
    )))::integer
  );
end
$$;

comment on function cortex.narrow_limit() is
'Up to how many texts a search by meaning compares one by one instead of by the vector index. Looking at m texts costs
about as much as an index scan that passes n texts, of all owners, to find its share of the m, when m is in the order of
the root of n.';
