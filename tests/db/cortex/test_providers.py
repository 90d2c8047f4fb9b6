import threading
import time

import psycopg
import pytest

from cortex_items import insert_items
from datapunk_workers.embedding import EmbeddingHandler
from datapunk_workers.maintenance import MaintenanceHandler
from datapunk_workers.queue import RetryLater
from providers import Endpoint, serving

STATUS = "select texts, embedded, pending, failed from cortex_status()"


@pytest.fixture
def endpoint():
    with serving(Endpoint()) as started:
        yield started


@pytest.fixture
def maintain(database, worker, inference):
    """Work off the messages of the queue maintenance until one of `generation` is done or `steps` are made."""
    handler = MaintenanceHandler(database.dsn("datapunk_worker"))

    def run(task="build", subject=None, owner="local"):
        return handler.handle({"owner_id": owner, "task": task, "subject": subject}, worker, inference)

    return run


@pytest.fixture
def switched(person, worker, inference, endpoint, maintain):
    """A database whose active generation is that of the endpoint, with ten texts embedded."""
    insert_items(person, [{"title": f"note number {n}"} for n in range(10)])
    EmbeddingHandler().handle({"owner_id": "local"}, worker, inference)
    add(person, endpoint)
    generation = person.execute("select cortex_switch('away')").fetchone()[0]
    assert isinstance(maintain(subject=str(generation)), RetryLater)
    EmbeddingHandler().handle({"owner_id": "local"}, worker, inference)
    assert maintain(subject=str(generation)) is None
    assert person.execute("select model, dimensions from cortex_status()").fetchone() == ("away", 8)
    return generation


def add(person, endpoint, **options):
    given = {"base_url": endpoint.url, "model": "letters", **options}
    person.execute("select cortex_provider_add('away', 'openai', %s)", (psycopg.types.json.Jsonb(given),))


def more(person, count=10, text="text number"):
    insert_items(person, [{"title": f"{text} {n}"} for n in range(count)])


def embed(worker, inference):
    return EmbeddingHandler().handle({"owner_id": "local"}, worker, inference)


def test_a_generation_of_a_provider_takes_the_place_of_the_default(person, switched, endpoint):
    assert person.execute(STATUS).fetchone() == (10, 10, 0, 0)
    texts = {text for text in endpoint.embedded if text.startswith("note number")}
    assert texts == {f"note number {n}" for n in range(10)}


def test_too_many_requests_wait_as_long_as_the_provider_says(person, worker, inference, switched, endpoint):
    more(person)
    endpoint.misbehave = lambda body: (429, {"Retry-After": "1200"}, {"error": {"message": "slow down"}})
    assert isinstance(embed(worker, inference), RetryLater)
    row = person.execute(
        "select failures, error, extract(epoch from retry_at - clock_timestamp()) from providers"
    ).fetchone()
    assert row[0] == 1
    assert "429: slow down" in row[1]
    assert 1100 < row[2] <= 1200
    assert person.execute("select distinct attempts, failed, error from cortex.pending").fetchall() == [
        (0, False, None)
    ]
    asked = len(endpoint.bodies)
    embed(worker, inference)
    assert len(endpoint.bodies) == asked


def test_a_broken_provider_is_left_alone_longer_each_time(person, database, worker, inference, switched, endpoint):
    more(person)
    endpoint.misbehave = lambda body: (503, {}, {})
    pauses = []
    for _ in range(3):
        embed(worker, inference)
        with database.connect("postgres") as admin:
            pauses.append(
                admin.execute(
                    "select extract(epoch from retry_at - clock_timestamp()) from cortex.provider"
                ).fetchone()[0]
            )
            admin.execute("update cortex.provider set retry_at = null")
    assert pauses[0] < pauses[1] < pauses[2]
    endpoint.misbehave = lambda body: None
    assert embed(worker, inference) is None
    assert person.execute(STATUS).fetchone() == (20, 20, 0, 0)
    assert person.execute("select failures, retry_at, error from providers").fetchone() == (0, None, None)


def test_a_text_that_the_provider_refuses_fails_alone(person, worker, inference, switched, endpoint):
    more(person, 40)
    more(person, 1, "poison")
    endpoint.misbehave = lambda body: (
        (400, {}, {"error": {"message": "no such text"}}) if any("poison" in t for t in body["input"]) else None
    )
    assert isinstance(embed(worker, inference), RetryLater)
    assert person.execute(STATUS).fetchone() == (51, 50, 1, 0)
    assert person.execute("select attempts, error from cortex.pending").fetchall() == [
        (1, "InvalidArgument: the provider away answered 400: no such text")
    ]


def test_a_provider_that_refuses_everything_is_to_blame_and_no_text(person, worker, inference, switched, endpoint):
    more(person, 60)
    endpoint.misbehave = lambda body: (400, {}, {"error": "no"})
    embed(worker, inference)
    failed = person.execute("select count(*) from cortex.pending where attempts > 0").fetchone()[0]
    assert failed < 10
    assert "texts in a row were refused" in person.execute("select error from providers").fetchone()[0]


@pytest.mark.parametrize("status", [401, 403, 404, 301])
def test_a_wrong_secret_or_address_counts_against_no_text(person, worker, inference, switched, endpoint, status):
    more(person)
    endpoint.misbehave = lambda body: (status, {"Location": "http://127.0.0.1:1/"}, {})
    embed(worker, inference)
    assert person.execute("select distinct attempts from cortex.pending").fetchall() == [(0,)]
    assert f"answered {status}" in person.execute("select error from providers").fetchone()[0]


def test_vectors_of_another_length_are_never_stored(person, worker, inference, switched, endpoint):
    more(person)
    endpoint.dimensions = 9
    embed(worker, inference)
    assert person.execute(STATUS).fetchone() == (20, 10, 10, 0)
    assert "9 dimensions, the generation has 8" in person.execute("select error from providers").fetchone()[0]


@pytest.mark.parametrize(
    "answer", [{"data": []}, {"data": [{"index": 0, "embedding": "!"}]}, [], {"data": [{"index": 0}]}, {"x": 1}]
)
def test_an_answer_that_is_no_embedding_is_the_providers_fault(person, worker, inference, switched, endpoint, answer):
    more(person, 1)
    endpoint.misbehave = lambda body: (200, {}, answer)
    embed(worker, inference)
    assert person.execute("select attempts, failed from cortex.pending").fetchall() == [(0, False)]
    assert person.execute("select failures from providers").fetchone() == (1,)


def test_no_transaction_is_open_while_the_provider_works(person, database, worker, inference, switched, endpoint):
    more(person, 300)
    seen = []

    def look():
        # Meanwhile the batch before is stored, in a short statement of its own.
        time.sleep(1)
        with database.connect("postgres") as admin:
            seen.append(
                admin.execute(
                    "select state, query from pg_stat_activity where usename = 'datapunk_worker'"
                    " and datname = current_database()"
                    " and (state like 'idle in transaction%' or xact_start < clock_timestamp() - interval '0.8 s')"
                ).fetchall()
            )

    endpoint.during = look
    assert embed(worker, inference) is None
    assert len(seen) == 3
    assert seen == [[], [], []]


def test_the_secret_comes_from_the_environment_before_the_table(
    person, worker, inference, endpoint, maintain, monkeypatch
):
    insert_items(person, [{"title": "note"}])
    add(person, endpoint, secret="LETTERS_KEY")
    generation = person.execute("select cortex_switch('away')").fetchone()[0]
    maintain(subject=str(generation))
    assert (
        "LETTERS_KEY, which is not set"
        in person.execute("select error from generations where generation = %s", (generation,)).fetchone()[0]
    )
    person.execute("select cortex_secret_set('LETTERS_KEY', 'from the table')")
    maintain(subject=str(generation))
    monkeypatch.setenv("DATAPUNK_SECRET_LETTERS_KEY", "from the environment")
    embed(worker, inference)
    assert endpoint.authorizations[0] == "Bearer from the table"
    assert endpoint.authorizations[-1] == "Bearer from the environment"


def test_nobody_but_a_worker_reads_a_secret(person, worker):
    person.execute("select cortex_secret_set('LETTERS_KEY', 'hidden')")
    for statement in ("select * from cortex.secret", "select * from cortex.provider_of(null)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            person.execute(statement)
    assert person.execute("select cortex_secret_set('LETTERS_KEY', null)").fetchone() == (True,)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("openai", '{"model": "m"}'),
        ("openai", '{"model": "m", "base_url": "file:///etc/passwd"}'),
        ("openai", '{"model": "m", "base_url": "http://user:word@h/"}'),
        ("openai", '{"base_url": "http://h"}'),
        ("openai", '{"model": "m", "base_url": "http://h", "secret": "sk-abc"}'),
        ("openai", '{"model": "m", "base_url": "http://h", "batch": 0}'),
        ("sentence_transformers", '{"model": "m", "device": "tpu"}'),
        ("sentence_transformers", "{}"),
        ("other", "{}"),
        ("static", '{"colour": "red"}'),
    ],
)
def test_a_bad_provider_is_refused(connection, kind, options):
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        connection.execute("select cortex_provider_add('p', %s, %s)", (kind, options))
    assert caught.value.diag.message_hint


def test_a_provider_in_use_stays(person, switched):
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="uses the provider away"):
        person.execute("select cortex_provider_remove('away')")
    assert person.execute("select cortex_provider_remove('nobody')").fetchone() == (False,)


def test_a_name_stands_for_one_model(person, endpoint):
    add(person, endpoint)
    add(person, endpoint, batch=7)
    with pytest.raises(psycopg.errors.UniqueViolation):
        add(person, endpoint, model="digits")


def test_a_name_stands_for_one_prompt(person, endpoint):
    add(person, endpoint, document_prompt="passage: ")
    with pytest.raises(psycopg.errors.UniqueViolation):
        add(person, endpoint, document_prompt="text: ")


def test_what_an_answer_named_goes_before_the_backlog(person, worker, inference):
    insert_items(person, [{"title": f"boiler note {n}", "kind": "note"} for n in range(5)])
    first = person.execute("select min(text_id) from cortex.pending").fetchone()[0]
    worker.execute("select set_config('datapunk.owner', 'local', false)")
    newest = worker.execute("select text_id from cortex.claim_texts(1, 0)").fetchone()[0]
    assert newest != first
    person.execute("select gaia_ask('find my note on the boiler')")
    cited = {row[0] for row in person.execute("select text_id from cortex.pending where asked").fetchall()}
    assert cited
    assert worker.execute("select text_id from cortex.claim_texts(1, 60)").fetchone()[0] in cited


def test_the_host_asks_a_provider_for_a_search(person, worker, inference, switched, endpoint, model_host):
    from datapunk_workers.providers import ProviderNews

    assert person.execute(
        "select count(*) from cortex_search('note number 3', 3, '{\"mode\": \"hybrid\"}')"
    ).fetchone() == (3,)
    assert ProviderNews().tell(worker)
    found = person.execute("select title from cortex_search('note number 3', 1, '{\"mode\": \"semantic\"}')").fetchall()
    assert found == [("note number 3",)]


def test_an_endpoint_is_sent_the_prompts_of_its_model(person, worker, inference, maintain, endpoint, model_host):
    insert_items(person, [{"title": "note"}])
    EmbeddingHandler().handle({"owner_id": "local"}, worker, inference)
    add(person, endpoint, query_prompt="query: ", document_prompt="passage: ")
    generation = person.execute("select cortex_switch('away')").fetchone()[0]
    maintain(subject=str(generation))
    EmbeddingHandler().handle({"owner_id": "local"}, worker, inference)
    maintain(subject=str(generation))
    assert "passage: note" in endpoint.embedded
    person.execute("select count(*) from cortex_search('boats', 1, '{\"mode\": \"semantic\"}')")
    assert endpoint.embedded[-1] == "query: boats"


def test_texts_go_out_sorted_by_length_so_that_a_batch_pads_little(person, worker, inference, switched, endpoint):
    insert_items(person, [{"title": f"text {n} " + "word " * (n * 37 % 41)} for n in range(300)])
    endpoint.bodies.clear()
    assert embed(worker, inference) is None
    batches = [[len(text) for text in body["input"]] for body in endpoint.bodies]
    assert sorted(map(len, batches)) == [44, 128, 128]
    for lengths in batches:
        assert lengths == sorted(lengths)
    # Requests overlap, so that they may arrive in another order than they were sent in.
    ordered = sorted(batches, key=lambda lengths: lengths[0])
    assert [n for lengths in ordered for n in lengths] == sorted(n for lengths in batches for n in lengths)


def test_a_text_that_changes_while_it_is_embedded_is_embedded_as_it_is_then(
    person, database, worker, inference, switched, endpoint
):
    (item,) = insert_items(person, [{"title": "before"}])

    def change():
        endpoint.during = lambda: None
        with database.connect() as other:
            other.execute("update lake.item set title = 'afterwards' where id = %s", (item,))

    endpoint.during = change
    # It came after the last batch was taken, so that a worker comes back for it.
    assert embed(worker, inference).seconds == 1
    assert person.execute(STATUS).fetchone() == (11, 10, 1, 0)
    assert embed(worker, inference) is None
    assert person.execute(STATUS).fetchone() == (11, 11, 0, 0)
    assert endpoint.embedded[-2:] == ["before", "afterwards"]
    assert (
        person.execute(
            "select title from cortex_similar(%s, 10) where title in ('before', 'afterwards')", (item,)
        ).fetchall()
        == []
    )
    stored = person.execute(
        "select t.body from cortex.embedding as e join cortex.text as t on t.id = e.text_id"
        " where e.generation_id = %s and t.body in ('before', 'afterwards')", (switched,),
    ).fetchall()  # fmt: skip
    assert stored == [("afterwards",)]


def test_a_generation_that_is_dropped_while_it_is_built_costs_no_more_requests(
    person, database, worker, inference, endpoint, maintain
):
    insert_items(person, [{"title": f"note number {n}"} for n in range(200)])
    embed(worker, inference)
    add(person, endpoint)
    generation = person.execute("select cortex_switch('away')").fetchone()[0]
    maintain(subject=str(generation))

    def drop():
        endpoint.during = lambda: None
        with database.connect() as other:
            assert other.execute("select cortex_generation_drop(%s)", (generation,)).fetchone() == (True,)

    endpoint.bodies.clear()
    endpoint.during = drop
    embed(worker, inference)
    assert len(endpoint.bodies) <= 2
    maintain("sweep")
    assert person.execute("select count(*) from cortex.pending").fetchone() == (0,)
    assert person.execute("select failures, error from providers").fetchone() == (0, None)
    assert person.execute(STATUS).fetchone() == (200, 200, 0, 0)


def test_the_handler_overlaps_storing_and_embedding(person, worker, inference, switched, endpoint):
    more(person, 400)
    running, most = [0], [0]
    lock = threading.Lock()

    def count():
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.05)
        with lock:
            running[0] -= 1

    endpoint.during = count
    assert embed(worker, inference) is None
    assert most[0] == 2
