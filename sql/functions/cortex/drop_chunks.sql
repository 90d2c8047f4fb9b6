create or replace function cortex.drop_chunks(p_owner text, p_items bigint[])
returns bigint[]
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_texts bigint[];
begin
  with gone as (
    delete from cortex.chunk as c
    where c.owner_id = p_owner and c.item_id = any (p_items)
    returning c.text_id
  )
  select coalesce(array_agg(distinct g.text_id), '{}') into v_texts from gone as g;
  return v_texts;
end
$$;

comment on function cortex.drop_chunks(text, bigint[]) is
'Removes the chunks of items; returns the texts that they held, for cortex.remove_orphans.';
