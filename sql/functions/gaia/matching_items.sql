create or replace function gaia.matching_items(p_parameters jsonb)
returns table (id bigint, occurred_at timestamptz, title text, url text, label text)
language plpgsql
stable
security invoker
rows 1000
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
-- Each parameter is a variable, so that the plan of a call has only the conditions that its question sets.
declare
  v_kind constant text := p_parameters ->> 'kind';
  v_since constant timestamptz := (p_parameters ->> 'since')::timestamptz;
  v_until constant timestamptz := (p_parameters ->> 'until')::timestamptz;
  v_topic constant text := p_parameters ->> 'topic';
  v_direction constant text := p_parameters ->> 'direction';
  v_group constant text := p_parameters ->> 'group_by';
  v_channels text[];
  v_sites text[];
  v_persons text[];
  v_about bigint[];
begin
  if p_parameters ? 'channel' then
    v_channels := array(select jsonb_array_elements_text(p_parameters -> 'channel'));
  end if;
  if p_parameters ? 'site' then
    v_sites := array(select jsonb_array_elements_text(p_parameters -> 'site'));
  end if;
  if p_parameters ? 'person' then
    v_persons := array(select jsonb_array_elements_text(p_parameters -> 'person'));
  end if;
  if v_topic is not null then
    v_about := array(select gaia.items_about(v_topic));
  end if;
  return query
    select
      i.id, i.occurred_at, i.title, i.url,
      case v_group
        when 'channel' then i.attributes ->> 'channel'
        when 'site' then substring(i.url from '^[a-z]+://([^/:?#]+)')
        when 'query' then coalesce(i.attributes ->> 'query', i.title)
        when 'title' then i.title
      end
    from lake.item as i
    where i.owner_id = (select ops.current_owner())
      and i.kind = v_kind
      and (v_since is null or i.occurred_at >= v_since)
      and (v_until is null or i.occurred_at < v_until)
      and (v_topic is null or i.id = any (v_about))
      and (v_channels is null or i.attributes ->> 'channel' = any (v_channels))
      and (v_sites is null or substring(i.url from '^[a-z]+://([^/:?#]+)') = any (v_sites))
      and (
        v_persons is null
        or (v_direction is distinct from 'sent' and i.attributes ->> 'sender' = any (v_persons))
        or (v_direction is distinct from 'received' and i.attributes -> 'recipient_names' ?| v_persons)
        or i.attributes -> 'attendees' ?| v_persons
      )
      and (
        v_direction is null or i.kind <> 'mail'
        or (i.attributes -> 'labels' ?| array['Sent', 'Gesendet', 'Envoyés', 'Messages envoyés', 'Enviados'])
          = (v_direction = 'sent')
      );
end
$$;

comment on function gaia.matching_items(jsonb) is
'The items that a question is about. p_parameters: kind, since, until (exclusive), channel, site and person (arrays of
names), direction (sent or received, of mail), topic, and group_by (channel, site, query or title), which fills label.';
