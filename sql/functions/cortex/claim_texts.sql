create or replace function cortex.claim_texts(p_limit integer, p_lease_s integer)
returns table (generation_id bigint, model text, text_id bigint, body text)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  with due as (
    select p.owner_id, p.generation_id, p.text_id
    from cortex.pending as p
    where p.owner_id = (select ops.current_owner()) and not p.failed
      and p.next_retry_at <= clock_timestamp() and p.claimed_until <= clock_timestamp()
      and p.generation_id = (
        select min(q.generation_id)
        from cortex.pending as q
        where q.owner_id = (select ops.current_owner()) and not q.failed
          and q.next_retry_at <= clock_timestamp() and q.claimed_until <= clock_timestamp()
      )
    order by p.text_id
    limit p_limit
    for update skip locked
  ), claimed as (
    update cortex.pending as p
    set claimed_until = clock_timestamp() + make_interval(secs => p_lease_s)
    from due as d
    where p.owner_id = d.owner_id and p.generation_id = d.generation_id and p.text_id = d.text_id
    returning p.owner_id, p.generation_id, p.text_id
  )
  select g.id, g.model, t.id, t.body
  from claimed as c
  join cortex.generation as g on g.id = c.generation_id
  join cortex.text as t on t.owner_id = c.owner_id and t.id = c.text_id
  order by length(t.body), t.id;
$$;

comment on function cortex.claim_texts(integer, integer) is
'Takes up to p_limit texts of the current owner that wait for their embedding, all of one generation, shortest first;
nobody else gets them for p_lease_s seconds. For datapunk_worker only.';
