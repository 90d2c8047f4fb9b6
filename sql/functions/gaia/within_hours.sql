create or replace function gaia.within_hours(p_local timestamp, p_from integer, p_to integer)
returns boolean
language sql
immutable
security invoker
-- As gaia.involves, it becomes part of the query that calls it.
begin atomic
  select case when p_from < p_to then date_part('hour', p_local) >= p_from and date_part('hour', p_local) < p_to
    else date_part('hour', p_local) >= p_from or date_part('hour', p_local) < p_to end;
end;

comment on function gaia.within_hours(timestamp, integer, integer) is
'Whether a local time is between two hours of the day, the second excluded; from 22 to 5 goes over midnight.';
