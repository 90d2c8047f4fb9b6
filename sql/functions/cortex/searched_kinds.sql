create or replace function cortex.searched_kinds(p_kinds text[])
returns text[]
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select case
      when p_kinds is null and exists (
        select
        from unnest(lake.secret_kinds()) as s (kind)
        -- The order makes the planner take the index, also where it thinks that items of each kind are everywhere.
        cross join lateral (
          select true as is_there
          from lake.item as i
          where i.owner_id = (select ops.current_owner()) and i.kind = s.kind
          order by i.occurred_at
          limit 1
        ) as i
      )
        then array(select s.kind from lake.sensitivities() as s where s.sensitivity <> 'secret')
      else p_kinds
    end
  );
end
$$;

comment on function cortex.searched_kinds(text[]) is
'The kinds that a search looks at, null for all: those that are named; else all but the secret ones, told only where the
current owner has such items, since every candidate''s kind counts then.';
