create or replace function cortex.index_progress()
returns table (generation_id bigint, index_name text, valid boolean, phase text, progress double precision)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select g.id, c.relname::text, i.indisvalid, p.phase,
    case
      when i.indisvalid then 1
      when p.tuples_total > 0 then p.tuples_done::double precision / p.tuples_total
      when p.blocks_total > 0 then p.blocks_done::double precision / p.blocks_total
      else 0
    end
  from cortex.generation as g
  join pg_catalog.pg_index as i on i.indrelid = to_regclass(format('cortex.%I', format('embedding_%s', g.id)))
  join pg_catalog.pg_class as c on c.oid = i.indexrelid
  join pg_catalog.pg_am as a on a.oid = c.relam and a.amname = 'hnsw'
  left join pg_catalog.pg_stat_progress_create_index as p
    on p.datname = current_database() and p.index_relid = c.oid;
$$;

comment on function cortex.index_progress() is
'The vector index of each generation: whether it is in use, and while it is built its phase and share done (0 to 1).
SECURITY DEFINER because the progress of other sessions is not shown to everybody.';
