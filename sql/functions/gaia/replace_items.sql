create or replace function gaia.replace_items(p_gone bigint[], p_kept bigint[])
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
update gaia.citation as c
set item_id = r.kept
from unnest(p_gone, p_kept) as r (gone, kept)
where c.owner_id = (select ops.current_owner()) and c.item_id = r.gone;
$$;

comment on function gaia.replace_items(bigint[], bigint[]) is
'Has answers cite the items p_kept where they cited p_gone, which turned out to be the same.';
