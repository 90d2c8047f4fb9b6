create or replace function cortex.fail_text(p_generation_id bigint, p_text_id bigint, p_error text)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  update cortex.pending as p
  set attempts = p.attempts + 1,
      failed = p.attempts + 1 >= 3,
      error = left(p_error, 2000),
      claimed_until = '-infinity',
      next_retry_at = clock_timestamp() + least(interval '30 s' * 4 ^ p.attempts, interval '1 hour')
  where p.owner_id = (select ops.current_owner()) and p.generation_id = p_generation_id and p.text_id = p_text_id
  returning p.failed;
$$;

comment on function cortex.fail_text(bigint, bigint, text) is
'Records that a text alone could not be embedded, and why; it is tried again later and given up after three times.
True when it is given up. For datapunk_worker only.';
