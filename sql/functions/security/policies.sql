-- Every table with an owner_id shows and takes the rows of the current owner and no others. What comes with the
-- installation belongs to the owner `system`, and everybody may read it.
do $$
declare
  v_table record;
begin
  for v_table in
    select n.nspname, c.relname
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
    where n.nspname in ('ops', 'lake', 'stream', 'cortex', 'gaia', 'forge') and c.relkind in ('r', 'p')
    order by n.nspname, c.relname
  loop
    execute format('alter table %I.%I enable row level security', v_table.nspname, v_table.relname);
    execute format('alter table %I.%I force row level security', v_table.nspname, v_table.relname);
    execute format('drop policy if exists owner_only on %I.%I', v_table.nspname, v_table.relname);
    execute format(
      'create policy owner_only on %I.%I using (owner_id = (select ops.current_owner()))',
      v_table.nspname, v_table.relname
    );
    execute format('drop policy if exists system_readable on %I.%I', v_table.nspname, v_table.relname);
    if v_table.nspname || '.' || v_table.relname in (
      'forge.model', 'forge.version', 'forge.artifact', 'forge.metric', 'forge.deployment',
      'gaia.subroutine', 'gaia.example', 'gaia.example_state', 'gaia.example_vector', 'gaia.router', 'gaia.router_term',
      'stream.topic', 'lake.sensitivity_of_kind'
    ) then
      execute format(
        'create policy system_readable on %I.%I for select using (owner_id = ''system'')',
        v_table.nspname, v_table.relname
      );
    end if;
    -- Seeds run as datapunk_owner, which nobody logs in as, and so does cortex.store_model; it writes what is there for
    -- everybody, and only that.
    execute format('drop policy if exists system_writable on %I.%I', v_table.nspname, v_table.relname);
    if v_table.nspname || '.' || v_table.relname in (
      'gaia.subroutine', 'gaia.example', 'gaia.example_state', 'stream.topic', 'lake.sensitivity_of_kind',
      'forge.model', 'forge.version', 'forge.artifact', 'forge.deployment'
    ) then
      execute format(
        'create policy system_writable on %I.%I to datapunk_owner '
        'using (owner_id = ''system'') with check (owner_id = ''system'')',
        v_table.nspname, v_table.relname
      );
    end if;
  end loop;
end
$$;

-- A dataset sees what its owner lets be learned from (api.forge_policy), and what was there at its time, whatever view
-- or table it names. Every statement that reads items carries this along: so it has no query of its own, whose plan all
-- would pay for, and names only first columns, since a row is taken apart up to the last one that is named.
do $$
declare
  v_table record;
begin
  for v_table in
    select *
    from (values
      ('item', 'item.kind', 'occurred_at', 'lake.came_by(item.id, %s)'),
      ('position', '''position''', 'occurred_at', 'lake.imported_by("position".import_id, %s)'),
      ('measurement', '''measurement''', 'starts_at', 'lake.imported_by(measurement.import_id, %s)')
    ) as t (name, kind, at, known)
  loop
    execute format('drop policy if exists learnable on lake.%I', v_table.name);
    execute format(
      'create policy learnable on lake.%1$I as restrictive for select using ('
      '(select current_setting(''datapunk.reading'', true) is distinct from ''dataset'') or ('
      '(%2$s = any((select (forge.current_policy()).kinds)::text[])) is not false '
      'and (%1$I.source = any((select (forge.current_policy()).sources)::text[])) is not false '
      'and (%1$I.%3$I < (select (forge.current_policy()).since)) is not true '
      'and ((select forge.dataset_time()) = ''infinity'' or %4$s)))',
      v_table.name, v_table.kind, v_table.at, format(v_table.known, '(select forge.dataset_time())')
    );
  end loop;
end
$$;

-- What is kept of an item elsewhere goes with it: earlier states, and what answers quoted of it.
do $$
declare
  v_table record;
begin
  for v_table in
    select *
    from (values ('lake', 'item_version'), ('gaia', 'citation')) as t (schema, name)
  loop
    execute format('drop policy if exists learnable on %I.%I', v_table.schema, v_table.name);
    execute format(
      'create policy learnable on %1$I.%2$I as restrictive for select using ('
      '(select current_setting(''datapunk.reading'', true) is distinct from ''dataset'') or exists ('
      'select from lake.item as i where i.owner_id = %2$I.owner_id and i.id = %2$I.item_id))',
      v_table.schema, v_table.name
    );
  end loop;
end
$$;
