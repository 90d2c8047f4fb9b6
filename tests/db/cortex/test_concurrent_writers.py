"""Two sessions at once: texts are shared between items, so one session's insert meets another's delete."""

import threading

from cortex_items import insert_items

CONSISTENT = """
select
  (select count(*) from cortex.chunk as c left join cortex.text as t on t.owner_id = c.owner_id and t.id = c.text_id
   where t.id is null),
  (select count(*) from cortex.text as t left join cortex.chunk as c on c.owner_id = t.owner_id and c.text_id = t.id
   where c.text_id is null),
  (select coalesce(sum(texts), 0) from cortex.corpus_delta) - (select count(*) from cortex.text)
"""


def test_the_same_new_text_from_two_sessions_is_kept_once(database):
    with database.connect() as first, database.connect() as second, database.connect() as reader:
        first.execute("begin")
        insert_items(first, [{"title": "shared"}])
        other = threading.Thread(target=insert_items, args=(second, [{"title": "shared", "kind": "task"}]))
        other.start()
        other.join(0.3)
        assert other.is_alive()
        first.execute("commit")
        other.join(10)
        assert reader.execute("select count(*) from cortex.text").fetchone() == (1,)
        assert reader.execute("select count(*) from cortex.chunk").fetchone() == (2,)
        assert reader.execute(CONSISTENT).fetchone() == (0, 0, 0)


def test_a_text_that_is_deleted_and_inserted_at_once_survives(database):
    with database.connect() as first, database.connect() as second, database.connect() as reader:
        insert_items(reader, [{"title": "shared"}])
        first.execute("begin")
        first.execute("delete from lake.item")
        other = threading.Thread(target=insert_items, args=(second, [{"title": "shared", "kind": "task"}]))
        other.start()
        other.join(0.3)
        assert other.is_alive()
        first.execute("commit")
        other.join(10)
        assert reader.execute(
            "select count(*) from cortex_search('shared', 5, '{\"mode\": \"lexical\"}')"
        ).fetchone() == (1,)
        assert reader.execute(CONSISTENT).fetchone() == (0, 0, 0)


def test_an_insert_in_flight_keeps_the_text_from_a_delete(database):
    with database.connect() as first, database.connect() as second, database.connect() as reader:
        insert_items(reader, [{"title": "shared"}])
        first.execute("begin")
        insert_items(first, [{"title": "shared", "kind": "task"}])
        other = threading.Thread(target=second.execute, args=("delete from lake.item where kind = 'note'",))
        other.start()
        other.join(0.3)
        first.execute("commit")
        other.join(10)
        assert reader.execute("select count(*) from cortex.text").fetchone() == (1,)
        assert reader.execute(CONSISTENT).fetchone() == (0, 0, 0)
