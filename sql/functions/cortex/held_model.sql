create or replace function cortex.held_model()
returns text
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('cortex.generation', 0));
  return (select g.model from cortex.generation as g where g.state = 'active');
end
$$;

comment on function cortex.held_model() is
'The active generation''s model, which stays active until the transaction ends. A statement by itself sees one
generation anyway; whoever embeds a question in one statement and searches with it in a later one needs this.';
