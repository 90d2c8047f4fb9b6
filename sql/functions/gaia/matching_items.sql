create or replace function gaia.matching_items(p_parameters jsonb)
returns table (id bigint, occurred_at timestamptz, title text, url text, label text)
language sql
stable
security invoker
rows 1000
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
with wanted as (
  select
    array(select jsonb_array_elements_text(p_parameters -> 'channel')) as channels,
    array(select jsonb_array_elements_text(p_parameters -> 'site')) as sites,
    array(select jsonb_array_elements_text(p_parameters -> 'person')) as persons,
    array['Sent', 'Gesendet', 'Envoyés', 'Messages envoyés', 'Enviados'] as sent_labels
)
select
  i.id, i.occurred_at, i.title, i.url,
  case p_parameters ->> 'group_by'
    when 'channel' then i.attributes ->> 'channel'
    when 'site' then substring(i.url from '^[a-z]+://([^/:?#]+)')
    when 'query' then coalesce(i.attributes ->> 'query', i.title)
    when 'title' then i.title
  end
from lake.item as i
cross join wanted as w
where i.owner_id = (select ops.current_owner())
  and i.kind = p_parameters ->> 'kind'
  and (p_parameters ->> 'since' is null or i.occurred_at >= (p_parameters ->> 'since')::timestamptz)
  and (p_parameters ->> 'until' is null or i.occurred_at < (p_parameters ->> 'until')::timestamptz)
  and (p_parameters -> 'channel' is null or i.attributes ->> 'channel' = any (w.channels))
  and (
    p_parameters -> 'site' is null
    or substring(i.url from '^[a-z]+://([^/:?#]+)') = any (w.sites)
  )
  and (
    p_parameters -> 'person' is null
    or (p_parameters ->> 'direction' is distinct from 'sent' and i.attributes ->> 'sender' = any (w.persons))
    or (p_parameters ->> 'direction' is distinct from 'received' and i.attributes -> 'recipient_names' ?| w.persons)
    or i.attributes -> 'attendees' ?| w.persons
    or i.attributes -> 'attendee_names' ?| w.persons
  )
  and (
    p_parameters ->> 'direction' is null or i.kind <> 'mail'
    or (i.attributes -> 'labels' ?| w.sent_labels) = (p_parameters ->> 'direction' = 'sent')
  )
  and (p_parameters ->> 'topic' is null or i.id in (select gaia.items_about(p_parameters ->> 'topic')));
$$;

comment on function gaia.matching_items(jsonb) is
'The items that a question is about. p_parameters: kind, since, until (exclusive), channel, site and person (arrays of
names), direction (sent or received, of mail), topic, and group_by (channel, site, query or title), which fills label.';
