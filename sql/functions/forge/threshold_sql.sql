create or replace function forge.threshold_sql(p_number text, p_threshold double precision, p_above boolean)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bits constant integer := ('x' || encode(float4send(p_threshold::real), 'hex'))::bit(32)::integer & 2147483647;
  -- The next float4 up is one more in bits, below zero one less.
  v_next constant integer := case when p_threshold < 0 then v_bits - 1 when p_threshold > 0 then v_bits + 1 else 1 end;
  v_size constant double precision := case
    when v_next < 8388608 then v_next * 2.0::double precision ^ -149
    else (v_next % 8388608 + 8388608) * 2.0::double precision ^ (v_next / 8388608 - 150)
  end;
begin
  return format(
    '%s operator(pg_catalog.%s) %L', p_number,
    -- What is half way between two float4 becomes the one whose last bit is 0.
    case when v_bits % 2 = 0 then case when p_above then '>' else '<=' end else case when p_above then '>=' else '<' end end,
    (p_threshold + case when p_threshold < 0 then -v_size else v_size end) / 2
  );
end
$$;

comment on function forge.threshold_sql(text, double precision, boolean) is
'The SQL test whether a float8 is above a threshold, or not, once it is rounded to float4, as a graph reads it: a
comparison with what lies half way to the next float4.';
