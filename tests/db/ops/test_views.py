from harness import Database


def test_settings_show_the_session(database: Database) -> None:
    with database.connect(owner="alice") as connection:
        connection.execute("set datapunk.timezone = 'Europe/Lisbon'")
        rows = dict(connection.execute("select name, value from api.settings").fetchall())  # type: ignore[arg-type]
    assert rows["datapunk.owner"] == "alice"
    assert rows["datapunk.timezone"] == "Europe/Lisbon"
    assert rows["datapunk.inference"] == "auto"


def test_metrics_count_the_owner_alone(database: Database) -> None:
    statement = "select value from api.metrics_now where name = 'datapunk_items' and labels = '{\"kind\": \"note\"}'"
    with database.connect(owner="alice") as connection:
        connection.execute('select api.lake_append(\'[{"kind": "note", "title": "one", "source": "test"}]\')')
        assert connection.execute(statement).fetchall() == [(1.0,)]
    with database.connect(owner="bob") as connection:
        assert connection.execute(statement).fetchall() == []


def test_metric_names_are_prometheus_names(database: Database) -> None:
    with database.connect() as connection:
        rows = connection.execute(
            "select name from api.metrics_now where name !~ '^datapunk_[a-z_]+$' or jsonb_typeof(labels) <> 'object'"
        ).fetchall()
    assert rows == []
