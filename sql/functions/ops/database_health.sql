create or replace function ops.database_health()
returns table (component text, status text, detail text)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select 'postgres', 'ok', 'version ' || current_setting('server_version')
  union all
  select 'schema', 'ok', 'tables ' || v.version_num || ', functions ' || i.code_version
  from ops.installation as i, ops.schema_version as v
  union all
  select
    'worker',
    case
      when coalesce(sum(p.alive), 0) = 0 then 'down'
      when sum(p.other_versions) > 0 then 'warning'
      else 'ok'
    end,
    case
      when count(*) = 0 then 'none has ever reported'
      when sum(p.alive) = 0 then format('the last one reported %s s ago', round(min(p.seen_s)))
      else format('%s running', sum(p.alive))
        || case when sum(p.other_versions) > 0 then format(', %s of another version', sum(p.other_versions)) else '' end
    end
  from ops.process_status() as p
  where p.kind = 'worker'
  union all
  select
    'queue ' || q.queue,
    case when q.waiting > 0 and q.oldest_s > 60 then 'warning' else 'ok' end,
    format('%s messages', q.length)
      || case when q.length > 0 then format(', the oldest %s s old', q.oldest_s) else '' end
  from ops.queue_status() as q
  union all
  select
    'lexical index',
    case when q.oldest_s > 60 then 'warning' else 'ok' end,
    case when q.length = 0 then 'nothing waits for it' else format('items wait for it since %s s', q.oldest_s) end
    || case
      when q.oldest_s > 60
        then ': each search looks through them, which takes longer; a worker indexes them (datapunk status)'
      else ''
    end
  from ops.queue_status() as q
  where q.queue = 'indexing'
  union all
  select
    'vector index',
    case when w.recall < 0.95 then 'warning' else 'ok' end,
    case
      when w.recall is null then 'not compared with the exact scan yet'
      else format('recall@10 is %s', round(w.recall::numeric, 3))
    end
    || case when w.recall < 0.95 then ': it misses results; cortex_switch with the option rebuild builds it anew' else '' end
  from (select cortex.worst_recall() as recall) as w
  union all
  select 'provider ' || p.name, 'warning', format('failed %s times, asked again at %s', p.failures, p.retry_at)
  from cortex.provider as p
  where p.failures > 0;
$$;

comment on function ops.database_health() is
'The part of ops_health that the database knows by itself: no figure of it belongs to one owner.';
