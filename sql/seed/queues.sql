do $$
declare
  v_queue text;
begin
  foreach v_queue in array array['embedding', 'training', 'delivery', 'maintenance', 'asking', 'indexing', 'pii'] loop
    if not exists (select from pgmq.meta as m where m.queue_name = v_queue) then
      perform pgmq.create(v_queue);
    end if;
  end loop;
end
$$;
