create or replace function cortex.report_generation(
  p_generation_id bigint, p_stage text, p_dimensions integer, p_report jsonb, p_error text
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update cortex.generation as g
  set stage = coalesce(p_stage, g.stage),
    dimensions = coalesce(p_dimensions, g.dimensions),
    report = g.report || coalesce(p_report, '{}'),
    error = left(p_error, 2000),
    failures = case when p_error is null then 0 else g.failures + 1 end,
    ready_at = case when p_stage = 'ready' then coalesce(g.ready_at, clock_timestamp()) else g.ready_at end
  where g.id = p_generation_id;
end
$$;

comment on function cortex.report_generation(bigint, text, integer, jsonb, text) is
'Notes how far the build of a generation is: nulls leave stage and dimensions as they are, the report is added to, an
error counts as a failure. For datapunk_worker only.';
