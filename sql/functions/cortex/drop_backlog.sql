create or replace function cortex.drop_backlog()
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_texts integer;
begin
  delete from cortex.pending as p
  where p.owner_id = (select ops.current_owner())
    and not exists (
      select from cortex.generation as g where g.id = p.generation_id and g.state in ('active', 'building')
    );
  get diagnostics v_texts = row_count;
  return v_texts;
end
$$;

comment on function cortex.drop_backlog() is
'Takes the current owner''s texts off the backlog of generations that nobody builds any more; returns how many.
For datapunk_worker only.';
