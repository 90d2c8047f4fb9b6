create or replace function stream.claim_delivery(p_delivery_id bigint, p_max_attempts integer)
returns table (state text, attempt integer, handler text, role_name text, depth integer, event text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_delivery stream.delivery;
begin
  select * into v_delivery
  from stream.delivery as d
  where d.owner_id = v_owner and d.id = p_delivery_id
  for update skip locked;
  if not found then
    -- The handler runs in a transaction that has deleted the row.
    state := case
      when exists (select from stream.delivery as d where d.owner_id = v_owner and d.id = p_delivery_id) then 'held'
      else 'finished'
    end;
    return next;
    return;
  end if;
  if v_delivery.died_at is not null then
    state := 'finished';
    return next;
    return;
  end if;
  if v_delivery.attempts >= p_max_attempts then
    update stream.delivery as d
    set died_at = clock_timestamp(), error_sqlstate = '57P02',
      error = format('the handler, or its worker, went away in each of %s attempts', d.attempts)
    where d.owner_id = v_owner and d.id = p_delivery_id;
    state := 'finished';
    return next;
    return;
  end if;
  update stream.delivery as d
  set attempts = d.attempts + 1
  where d.owner_id = v_owner and d.id = p_delivery_id;
  return query
    select
      'claimed', v_delivery.attempts + 1, s.handler, s.role_name, v_delivery.depth,
      jsonb_build_object(
        'topic', v_delivery.topic, 'message_id', v_delivery.message_id, 'published_at', v_delivery.published_at,
        'attempt', v_delivery.attempts + 1, 'payload', v_delivery.payload
      )::text
    from stream.subscription as s
    where s.owner_id = v_owner and s.id = v_delivery.subscription_id;
end
$$;

comment on function stream.claim_delivery(bigint, integer) is
'Counts an attempt at a delivery and says what to call. state: claimed; held (its handler runs elsewhere); finished
(nothing to do: it succeeded, was given up, now or before, or its subscription has ended). For datapunk_worker only.';
