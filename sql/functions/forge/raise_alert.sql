create or replace function forge.raise_alert(
  p_version_id bigint, p_kind text, p_feature text, p_value double precision, p_bound double precision, p_action text
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id bigint;
begin
  -- Once a day is often enough to hear of the same thing.
  if p_action = 'none' and exists (
    select from forge.alert as a
    where a.owner_id = ops.current_owner() and a.version_id = p_version_id and a.kind = p_kind and a.feature = p_feature
      and a.at > ops.now() - interval '1 day'
  ) then
    return;
  end if;
  insert into forge.alert (version_id, kind, feature, value, bound, action)
  values (p_version_id, p_kind, p_feature, p_value, p_bound, p_action)
  returning id into v_id;
  -- Everybody may listen, so the message says no more than that there is one.
  perform pg_notify('datapunk_alert', v_id::text);
  perform stream.fan_out('forge.alert.' || p_kind, jsonb_build_object(
    'alert_id', v_id, 'kind', p_kind, 'feature', p_feature, 'value', p_value, 'bound', p_bound, 'action', p_action
  ));
end
$$;

comment on function forge.raise_alert(bigint, text, text, double precision, double precision, text) is
'Writes an alert, notifies the channel datapunk_alert with its key, and publishes it under forge.alert.KIND.';
