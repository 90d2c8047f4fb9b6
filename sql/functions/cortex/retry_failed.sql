create or replace function cortex.retry_failed()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_texts integer;
begin
  update cortex.pending as p
  set failed = false, attempts = 0, next_retry_at = '-infinity', error = null
  where p.owner_id = (select ops.current_owner()) and p.failed;
  get diagnostics v_texts = row_count;
  if v_texts > 0 then
    perform cortex.enqueue_embedding();
  end if;
  return v_texts;
end
$$;

comment on function cortex.retry_failed() is
'Puts the current owner''s texts that were given up back into the backlog; returns how many.';
