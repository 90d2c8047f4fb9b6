create or replace function gaia.readable_views()
returns table (view text, columns text[])
language sql
stable
security invoker
rows 20
set search_path = pg_catalog, pg_temp
as $$
select v.view, array(
  select a.attname::text
  from pg_attribute as a
  where a.attrelid = to_regclass('api.' || v.view) and a.attnum > 0 and not a.attisdropped
    and a.attname not in ('owner_id', 'import_id')
  order by a.attnum
)
from (values
  ('app_uses', 'app_use'), ('contacts', 'contact'), ('documents', 'document'), ('events', 'event'),
  ('highlights', 'highlight'), ('mails', 'mail'), ('measurements', 'measurement'), ('messages', 'message'),
  ('movements', 'movement'), ('notes', 'note'), ('photos', 'photo'), ('places', 'place_visit'),
  ('positions', 'position'), ('purchases', 'purchase'), ('searches', 'search'),
  ('security_events', 'security_event'), ('tasks', 'task'), ('visits', 'visit'), ('watches', 'watch')
) as v (view, kind)
where v.kind <> all ((select lake.secret_kinds())::text[])
order by v.view;
$$;

comment on function gaia.readable_views() is
'The views of api, with their columns, that a query of a language model may read: one kind of thing each, and none that
is secret for the current owner.';
