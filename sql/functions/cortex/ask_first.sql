create or replace function cortex.ask_first()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
  v_texts bigint[];
begin
  -- Without a parameter, so that its plan is kept: it is asked for every answer, and seldom anything waits.
  if not exists (select from cortex.pending as p where p.owner_id = (select ops.current_owner()) and not p.failed) then
    return null;
  end if;
  v_texts := array(
    select c.text_id
    from cortex.chunk as c
    where c.owner_id = v_owner and c.item_id = any (array(select n.item_id from new_citation as n))
  );
  update cortex.pending as p
  set asked = true
  where p.owner_id = v_owner and p.text_id = any (v_texts) and not p.asked and p.claimed_until <= clock_timestamp();
  return null;
end
$$;

comment on function cortex.ask_first() is
'Trigger of gaia.citation: what an answer named is embedded before the rest of the backlog.';
