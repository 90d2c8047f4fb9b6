create or replace function api.gaia_result(
  inout job_id bigint, out status text, out answer_id uuid, out conversation_id uuid, out answer text, out route text,
  out confidence real, out citations jsonb, out data jsonb, out plan jsonb, out latency_ms real, out error text,
  out hint text, out sqlstate text
)
returns setof record
language plpgsql
stable
security invoker
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    select
      t.id, t.status, a.id, a.conversation_id, a.answer, a.route, a.confidence,
      case when a.id is not null then (
        select coalesce(jsonb_agg(jsonb_build_object(
          'ordinal', c.ordinal, 'item_id', c.item_id, 'kind', i.kind, 'source', i.source, 'title', i.title, 'url', i.url,
          'occurred_at', i.occurred_at, 'snippet', c.snippet
        ) order by c.ordinal), '[]'::jsonb)
        from gaia.citation as c
        join lake.item as i on i.owner_id = c.owner_id and i.id = c.item_id
        where c.owner_id = t.owner_id and c.answer_id = a.id
      ) end,
      a.data, a.plan, a.latency_ms, t.error, t.hint, t.error_sqlstate
    from gaia.task as t
    left join gaia.answer as a on a.owner_id = t.owner_id and a.id = t.answer_id
    where t.owner_id = (select ops.current_owner()) and t.id = gaia_result.job_id;
  if not found then
    perform ops.fail(
      'P0002', format('no question %s', coalesce(gaia_result.job_id::text, 'without an id')),
      'Take job_id from gaia_ask_async.'
    );
  end if;
end
$$;

comment on function api.gaia_result(bigint) is
'How a question in the background stands: status is queued, running, succeeded, failed or cancelled; with the row of
gaia_answer once it has succeeded, and with error, hint and sqlstate where it failed. SQLSTATE P0002 for an unknown job_id.';
