create or replace function cortex.claim_texts(p_limit integer, p_lease_s integer)
returns table (generation_id bigint, model text, text_id bigint, body text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
  v_generation record;
  v_texts bigint[];
begin
  -- What searches read goes first; a generation that is being built gets what is left of the time.
  for v_generation in
    select g.id, g.model
    from cortex.generation as g
    left join cortex.provider as p on p.name = g.model
    where g.state in ('active', 'building') and g.dimensions is not null
      and coalesce(p.retry_at, '-infinity') <= clock_timestamp()
    order by g.state, g.id
  loop
    v_texts := array(
      select p.text_id
      from cortex.pending as p
      where p.owner_id = v_owner and p.generation_id = v_generation.id and p.asked and not p.failed
        and p.next_retry_at <= clock_timestamp() and p.claimed_until <= clock_timestamp()
      order by p.text_id desc
      limit p_limit
      for update skip locked
    );
    if cardinality(v_texts) = 0 then
      -- The newest texts have the highest keys: what was written just now need not wait for an import's backlog.
      v_texts := array(
        select p.text_id
        from cortex.pending as p
        where p.owner_id = v_owner and p.generation_id = v_generation.id and not p.failed
          and p.next_retry_at <= clock_timestamp() and p.claimed_until <= clock_timestamp()
        order by p.text_id desc
        limit p_limit
        for update skip locked
      );
    end if;
    continue when cardinality(v_texts) = 0;
    update cortex.pending as p
    set claimed_until = clock_timestamp() + make_interval(secs => p_lease_s)
    where p.owner_id = v_owner and p.generation_id = v_generation.id and p.text_id = any (v_texts);
    return query
    select v_generation.id, v_generation.model, t.id, t.body
    from cortex.text as t
    where t.owner_id = v_owner and t.id = any (v_texts)
    order by length(t.body), t.id;
    return;
  end loop;
end
$$;

comment on function cortex.claim_texts(integer, integer) is
'Takes up to p_limit texts of the current owner that wait for their embedding, all of one generation, shortest first;
nobody else gets them for p_lease_s seconds. The active generation goes before one that is being built, texts that an
answer named before others, new ones before old ones; a provider that asked for a pause gets none.
For datapunk_worker only.';
