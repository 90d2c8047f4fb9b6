create or replace function lake.deleted_rows()
returns table (relation text, count bigint)
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select n.nspname || '.' || c.relname, sum(pg_stat_get_xact_tuples_deleted(t.oid))::bigint
from pg_class as t
join pg_class as c on c.oid = coalesce(pg_partition_root(t.oid), t.oid)
join pg_namespace as n on n.oid = c.relnamespace
where t.relkind = 'r' and n.nspname in ('lake', 'cortex', 'gaia', 'forge', 'stream')
group by n.nspname, c.relname
$$;

comment on function lake.deleted_rows() is
'How many rows this transaction has deleted so far in each table, whoever deleted them: triggers and foreign keys too.
Partitions count for their table.';
