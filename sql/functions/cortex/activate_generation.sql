create or replace function cortex.activate_generation(p_generation_id bigint)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update cortex.generation set state = 'retired' where state = 'active' and id <> p_generation_id;
  update cortex.generation
  set state = 'active', activated_at = clock_timestamp()
  where id = p_generation_id and state <> 'active';
end
$$;

comment on function cortex.activate_generation(bigint) is
'Makes a generation the one that searches read; the one before is retired and kept. Not for people.';
