create or replace view api.feature_views
with (security_invoker = true)
as
select
  f.name, f.description, f.spec, f.query, make_interval(secs => f.ttl_s) as ttl, f.created_at, f.updated_at,
  (select max(c.read_at) from forge.feature_cache as c where c.owner_id = f.owner_id and c.name = f.name) as read_at
from forge.feature_view as f;

comment on view api.feature_views is
'Feature views: what each is made of, the SELECT that it stands for, and when its rows were last kept.';
