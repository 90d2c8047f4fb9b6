create or replace function stream.subscribe(p_pattern text, p_handler text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role constant text := ops.lent_role();
  v_subscription_id bigint;
begin
  if coalesce(
    p_pattern !~ '^([A-Za-z0-9_-]+|[*]|#)(\.([A-Za-z0-9_-]+|[*]|#))*$' or length(p_pattern) > 255, true
  ) then
    perform ops.fail(
      '22023', format('the pattern is %s', coalesce(quote_literal(left(p_pattern, 300)), 'null')),
      'Give a topic, with * for any one word and # for any number of words, as in lake.item.* or lake.#.'
    );
  end if;
  insert into stream.subscription as s (pattern, handler, role_name)
  values (p_pattern, p_handler, v_role)
  on conflict on constraint subscription_handler_uq do nothing
  returning s.id into v_subscription_id;
  if v_subscription_id is null then
    perform ops.fail(
      '23505', format('%s is called for %s already', p_handler, p_pattern),
      'The view subscriptions lists yours; stream_unsubscribe ends one.'
    );
  end if;
  return v_subscription_id;
end
$$;

comment on function stream.subscribe(text, text) is
'Writes a subscription with the caller''s owner and role, which its handler will be called with; returns its id. The
handler is checked by stream_subscribe, and by PostgreSQL when it is called. SQLSTATE 22023 for a bad pattern, 42501
where workers may not act as the caller''s role, 23505 when there is one like it.';
