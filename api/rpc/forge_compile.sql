create or replace function api.forge_compile(model text, version integer default null, options jsonb default '{}')
returns text
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version := forge.version_of(model, version);
  v_options jsonb := forge.checked_options(options, '{"visible": "boolean"}');
begin
  if ops.current_owner() <> 'local' and not coalesce((v_options -> 'visible')::boolean, false) then
    perform ops.fail(
      '22023', 'a compiled model is a function, whose text everybody who may connect to this database can read',
      'It holds the numbers that the model learned, no rows. Give {"visible": true} if that may be seen.'
    );
  end if;
  return forge.compile_version(v_version.id);
end
$$;

comment on function api.forge_compile(text, integer, jsonb) is
'Makes an SQL function of a linear model or of trees, and returns its qualified name: immutable and parallel safe, one
argument for each feature, in the order of the signature: a boolean, a time, a number (an interval''s is its seconds) or a
text. It gives the value, the probability of the second of two labels, or an array of the probabilities of all. It goes
with its version, or when a deletion retires that.
Options: visible (owners other than local must agree to its text being readable). SQLSTATE 22023, DP020.';
