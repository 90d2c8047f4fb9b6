"""The sentinel of the vector index: a sample of real questions against the exact scan."""

import pytest

from cortex_items import insert_items
from datapunk_workers.maintenance import MaintenanceHandler

HEALTH = "select status, detail from ops_health() where component = 'vector index'"


def test_the_sentinel_compares_the_index_with_the_exact_scan(person, embed, maintain):
    insert_items(person, [{"title": f"note number {n} of the diary"} for n in range(40)])
    embed()
    assert person.execute("select recall_at_10 from cortex_status()").fetchone() == (None,)
    person.execute("select gaia_ask('what did I note about number 7?')")
    maintain("recall")
    assert person.execute("select recall_at_10 from cortex_status()").fetchone()[0] >= 0.95
    assert person.execute("select queries from cortex.recall").fetchone() == (20,)
    assert person.execute(HEALTH).fetchone()[0] == "ok"


def test_health_warns_of_an_index_that_misses_results(database, person, embed, maintain):
    insert_items(person, [{"title": f"note number {n} of the diary"} for n in range(40)])
    embed()
    maintain("recall")
    with database.connect("postgres") as admin:
        admin.execute("update cortex.generation set report = report || '{\"recall 12345678\": 0.9}'")
    assert person.execute(HEALTH).fetchone()[0] == "warning"


@pytest.mark.parametrize(("returned", "recall"), [(5, 0.5), (0, 0)])
def test_what_the_index_does_not_return_is_missed(database, person, embed, maintain, returned, recall):
    insert_items(person, [{"title": f"note number {n} of the diary"} for n in range(40)])
    embed()
    with database.connect("postgres") as admin:
        admin.execute("alter function cortex.nearest_texts(bigint, text, integer, boolean) rename to all_nearest")
        admin.execute(
            "create function cortex.nearest_texts(bigint, text, integer, boolean)"
            " returns table (text_id bigint, similarity float8) language sql stable security definer as"
            f" $$select * from cortex.all_nearest($1, $2, $3, $4) limit case when $4 then 10 else {returned} end$$"
        )
        admin.execute("alter function cortex.nearest_texts(bigint, text, integer, boolean) owner to datapunk_owner")
        admin.execute("grant execute on function cortex.all_nearest(bigint, text, integer, boolean) to datapunk_owner")
    maintain("recall")
    assert person.execute("select recall_at_10 from cortex_status()").fetchone() == (recall,)
    assert person.execute(HEALTH).fetchone()[0] == "warning"


@pytest.mark.parametrize("statement", ["delete from lake.item", "truncate lake.item cascade"])
def test_a_measurement_goes_with_the_texts(database, person, embed, maintain, statement):
    insert_items(person, [{"title": f"note number {n} of the diary"} for n in range(40)])
    embed()
    maintain("recall")
    with database.connect("postgres", owner="local") as admin:
        assert admin.execute("select count(*) from cortex.recall").fetchone() == (1,)
        admin.execute(statement)
        assert admin.execute("select count(*) from cortex.recall").fetchone() == (0,)
    assert person.execute("select recall_at_10 from cortex_status()").fetchone() == (None,)
    assert person.execute(HEALTH).fetchone() == ("ok", "not compared with the exact scan yet")


class Noting:
    """The worker's client, and what it was asked for."""

    def __init__(self, client):
        self._client, self.asked = client, []

    def embed(self, texts, model, purpose=None):
        self.asked += [(text, purpose) for text in texts]
        return self._client.embed(texts, model, purpose)


def test_the_sample_is_what_people_asked_filled_up_with_texts(database, person, worker, inference, embed):
    insert_items(person, [{"title": f"note number {n} of the diary"} for n in range(40)])
    embed()
    questions = ["what did I note about number 7?", "find my note on number 12"]
    for question in questions:
        person.execute("select gaia_ask(%s)", (question,))
    noting = Noting(inference)
    MaintenanceHandler(database.dsn("datapunk_worker")).handle(
        {"owner_id": "local", "task": "recall", "subject": None}, worker, noting
    )
    assert len(noting.asked) == 20
    assert set(noting.asked[:2]) == {(question, "query") for question in questions}
    assert all(text.startswith("note number") for text, _ in noting.asked[2:])
