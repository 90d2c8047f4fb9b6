create or replace function lake.claim_pii(p_limit integer, p_lease_s integer)
returns table (item_id bigint, revision bigint, texts jsonb)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant text := ops.current_owner();
  v_items bigint[];
begin
  -- A text that ended its worker comes alone, after all others, and not more than three times.
  update lake.pii_scan as s
  set state = 'failed', error = format('the worker went away in each of %s attempts', s.attempts)
  where s.owner_id = v_owner and s.state = 'waiting' and s.attempts >= 3 and s.claimed_until <= clock_timestamp();
  v_items := array(
    select s.item_id
    from lake.pii_scan as s
    where s.owner_id = v_owner and s.state = 'waiting' and s.attempts = 0 and s.claimed_until <= clock_timestamp()
    order by s.item_id
    limit p_limit
    for update skip locked
  );
  if cardinality(v_items) = 0 then
    v_items := array(
      select s.item_id
      from lake.pii_scan as s
      where s.owner_id = v_owner and s.state = 'waiting' and s.claimed_until <= clock_timestamp()
      order by s.attempts, s.item_id
      limit 1
      for update skip locked
    );
  end if;
  -- A few long texts are as much as many short ones.
  v_items := array(
    select w.id
    from (
      select i.id, row_number() over of_all as number, sum(length(coalesce(i.body, ''))) over of_all as characters
      from lake.item as i
      where i.owner_id = v_owner and i.id = any (v_items)
      window of_all as (order by i.id)
    ) as w
    where w.number = 1 or w.characters <= 2000000
  );
  return query
    with claimed as (
      update lake.pii_scan as s
      set claimed_until = clock_timestamp() + make_interval(secs => p_lease_s), attempts = s.attempts + 1
      where s.owner_id = v_owner and s.item_id = any (v_items)
      returning s.item_id, s.revision
    )
    select
      c.item_id, c.revision,
      jsonb_strip_nulls(jsonb_build_object('title', i.title, 'body', i.body))
      || coalesce(
        (
          select jsonb_object_agg('attributes.' || a.key, a.value)
          from jsonb_each(i.attributes) as a
          where jsonb_typeof(a.value) = 'string'
        ),
        '{}'
      )
      || coalesce(
        (
          select jsonb_object_agg(format('attributes.%s[%s]', a.key, e.ordinality - 1), e.value)
          from jsonb_each(i.attributes) as a, jsonb_array_elements(a.value) with ordinality as e (value, ordinality)
          where jsonb_typeof(a.value) = 'array' and jsonb_typeof(e.value) = 'string'
        ),
        '{}'
      )
    from claimed as c
    join lake.item as i on i.owner_id = v_owner and i.id = c.item_id
    order by c.item_id;
end
$$;

comment on function lake.claim_pii(integer, integer) is
'Takes up to p_limit items of the current owner that wait to be looked through, with their texts by field; nobody else
gets them for p_lease_s seconds. One that a worker took before without an end comes alone. For datapunk_worker only.';
