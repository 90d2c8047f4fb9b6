create or replace function gaia.matching_people(p_parameters jsonb)
returns table (id bigint, occurred_at timestamptz, person text)
language plpgsql
stable
security invoker
rows 1000
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_kind constant text := p_parameters ->> 'kind';
  -- The direction that the parameters give is that of each mail found; else each mail tells its own.
  v_sent constant boolean := case when v_kind = 'mail' then p_parameters ->> 'direction' = 'sent' end;
  v_labels constant text[] := array['Sent', 'Gesendet', 'Envoyés', 'Messages envoyés', 'Enviados'];
  v_own constant text[] := array(
    select n.value from gaia.name as n where n.owner_id = (select ops.current_owner()) and n.token = '' and n.field = 'self'
  );
begin
  if v_kind = 'message' or v_sent is false then
    return query
      select m.id, m.occurred_at, m.label
      from gaia.matching_items(p_parameters || '{"group_by": "sender"}') as m
      where m.label is not null;
  elsif v_kind = 'mail' and v_sent is null then
    return query
      select m.id, m.occurred_at, m.attributes ->> 'sender'
      from gaia.matching_items(p_parameters, 'attributes') as m
      where m.attributes ->> 'sender' is not null and not coalesce(m.attributes -> 'labels' ?| v_labels, false);
  end if;
  if v_kind = 'event' or (v_kind in ('mail', 'message') and v_sent is not false) then
    return query
      select m.id, m.occurred_at, r.name
      from gaia.matching_items(p_parameters, 'attributes') as m
      cross join lateral jsonb_array_elements_text(
        m.attributes -> case v_kind when 'event' then 'attendees' else 'recipient_names' end
      ) as r (name)
      where (v_kind = 'event' or coalesce(v_sent, m.attributes -> 'labels' ?| v_labels, false))
        and r.name <> all (v_own);
  end if;
end
$$;

comment on function gaia.matching_people(jsonb) is
'The people behind the items that a question is about: who sent the owner a mail, to whom the owner wrote, who took
part in an event, without the owner. p_parameters as for gaia.matching_items.';
