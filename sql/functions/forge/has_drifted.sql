create or replace function forge.has_drifted(p_model text, p_bound double precision, p_since timestamp with time zone)
returns boolean
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with answering as materialized (
  select d.version_id
  from forge.model as m
  join forge.deployment as d on d.owner_id = m.owner_id and d.model_id = m.id
  where m.owner_id = (select ops.current_owner()) and m.name = p_model and d.retired_at is null and not d.shadow
    and p_bound is not null and (
      -- What was asked before the last training has had its answer.
      select count(*)
      from (
        select from forge.prediction as p
        where p.owner_id = d.owner_id and p.version_id = d.version_id and p.at > p_since
        limit 100
      ) as asked
    ) = 100
)
select exists (
  select from answering as a
  cross join lateral forge.drift(a.version_id) as f
  where f.psi > p_bound
);
$$;

comment on function forge.has_drifted(text, double precision, timestamp with time zone) is
'Whether a feature of a version that answers for the model has a population stability index above the bound, over kept
predictions of which a hundred at least are later than that time. False for a null bound.';
