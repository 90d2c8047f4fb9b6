create or replace function api.forge_plot(model text, kind text, version integer default null)
returns text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version := forge.version_of(model, version);
  v_svg text := (
    select convert_from(a.content, 'UTF8')
    from forge.artifact as a
    where a.owner_id = v_version.owner_id and a.version_id = v_version.id and a.name = format('plot_%s.svg', kind)
  );
begin
  if v_svg is null then
    perform ops.fail(
      '22023', format('version %s of "%s" has no picture "%s"', v_version.version, model, kind),
      coalesce('Its pictures: ' || (
        select string_agg(substring(a.name from 'plot_(.*)[.]svg'), ', ' order by a.name)
        from forge.artifact as a
        where a.owner_id = v_version.owner_id and a.version_id = v_version.id and a.name like 'plot\_%.svg'
      ) || '.', 'It was trained without pictures.')
    );
  end if;
  return v_svg;
end
$$;

comment on function api.forge_plot(text, text, integer) is
'A picture of a version as SVG, drawn when it was trained: loss, calibration, confusion, residuals, importance (fall of
the metric when a feature is shuffled), dependence (mean prediction over the deciles of the most important numbers),
scores (of anomalies, with their threshold), projection (clusters in two dimensions), coverage (of intervals), horizon
(error by steps ahead), search (what was tried). SQLSTATE 22023 for a picture that there is not, DP020.';
