create or replace function api.forge_recommend(
  model text, subject text, k integer default 10, options jsonb default '{}'
)
returns table (item text, score double precision, reason jsonb)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version := forge.served_version(model);
  v_options jsonb := forge.checked_options(
    options,
    '{"exclude_seen": "boolean", "diversity": "number", "having": "array", "among": "array", "without": "array"}'
  );
  v_diversity constant double precision := coalesce((v_options ->> 'diversity')::double precision, 0);
  v_exclude_seen constant boolean := coalesce((v_options -> 'exclude_seen')::boolean, true);
  v_having constant text[] := forge.texts_of_option(v_options, 'having');
  v_among constant text[] := forge.texts_of_option(v_options, 'among');
  v_without constant text[] := forge.texts_of_option(v_options, 'without');
begin
  if v_version.recipe <> 'recommender' then
    raise exception 'the model "%" is a %, not a recommender', model, v_version.recipe
      using errcode = '22023', hint = 'Use forge_predict, or train one with the recipe recommender.';
  end if;
  if k is null or k not between 1 and 1000 then
    raise exception 'k is %', k using errcode = '22023', hint = 'Ask for 1 to 1000 items.';
  end if;
  if coalesce(subject, '') = '' then
    raise exception 'subject is empty' using errcode = '22023', hint = 'Name the subject as the dataset''s first column does.';
  end if;
  if v_diversity not between 0 and 1 then
    raise exception 'diversity is %', v_diversity using errcode = '22023', hint = 'Give 0 (none) to 1.';
  end if;
  if v_diversity > 0 then
    return query select r.* from forge.recommend_diverse(
      v_version.owner_id, v_version.id, subject, k, v_exclude_seen, v_having, v_among, v_without, v_diversity
    ) as r;
    return;
  end if;
  return query select r.* from forge.recommend(
    v_version.owner_id, v_version.id, subject, k, v_exclude_seen, v_having, v_among, v_without
  ) as r;
end
$$;

comment on function api.forge_recommend(text, text, integer, jsonb) is
'Recommends k items to a subject, best first, with the items that speak for each: {"kind": "neighbours", "because":
[...]}. An unknown subject gets the most common items: {"kind": "popular"}. Options: exclude_seen (default true);
diversity (0 to 1, default 0): how much an item loses by being like one that comes before it; having: items that the
subject had besides, which is how to ask for one that the model does not know; among: the only items that may be
recommended; without: items that may not.
SQLSTATE 22023, DP020.';
