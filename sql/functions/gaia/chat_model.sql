create or replace function gaia.chat_model(p_options jsonb)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select p.name
from cortex.provider as p
where p.kind = 'chat' and p.name = coalesce(
  nullif(p_options ->> 'model', ''),
  -- A question that names its subroutine wants that one's answer as it is.
  case when p_options ->> 'subroutine' is null then (
    select o.model from gaia.policy as o where o.owner_id = (select ops.current_owner())
  ) end
);
$$;

comment on function gaia.chat_model(jsonb) is
'The language model that a question in the background is answered with: that of its option model, else that of the
owner''s policy; null where neither names one.';
