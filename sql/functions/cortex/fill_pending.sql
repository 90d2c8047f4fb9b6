create or replace function cortex.fill_pending(p_generation_id bigint, p_after bigint, p_limit integer)
returns table (last_id bigint, added integer)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
  v_texts bigint[];
  v_embedded bigint[];
begin
  v_texts := array(
    select t.id
    from cortex.text as t
    where t.owner_id = v_owner and t.id > p_after
    order by t.id
    limit p_limit
    for key share of t
  );
  if cardinality(v_texts) = 0 then
    return;
  end if;
  v_embedded := array(
    select e.text_id
    from cortex.embedding as e
    where e.owner_id = v_owner and e.generation_id = p_generation_id and e.text_id = any (v_texts)
  );
  insert into cortex.pending (owner_id, generation_id, text_id)
  select v_owner, p_generation_id, u.id
  from unnest(v_texts) as u (id)
  where u.id <> all (v_embedded)
  on conflict do nothing;
  get diagnostics added = row_count;
  last_id := v_texts[cardinality(v_texts)];
  return next;
end
$$;

comment on function cortex.fill_pending(bigint, bigint, integer) is
'Puts those of the current owner''s texts into the backlog of a generation that it lacks; looks at p_limit texts with
keys above p_after and returns the last of them and how many were added. No row when there are no more. For datapunk_worker
only.';
