"""Forty hostile items, with and without a language model that obeys them: no tool, no query, no leak."""

from pathlib import Path

import pytest

from chat_server import chatting
from harness import Database
from injection import prepare, trapping, wait_until_embedded, with_model, without_model
from worker_process import WorkerProcess

pytestmark = pytest.mark.faults


@pytest.mark.timeout(600)
def test_hostile_text_brings_about_nothing(database: Database, tmp_path: Path) -> None:
    with trapping() as trap, chatting() as chat, database.connect() as person:
        hostile = prepare(person, chat, trap)
        worker = WorkerProcess(database=database, log=tmp_path / "worker.log", lease_s=20).start()
        try:
            wait_until_embedded(person)
            alone = without_model(person, hostile)
            obeyed = with_model(person, chat, hostile)
        finally:
            worker.stop()
            worker.kill()
        assert len(hostile) == 40
        assert (alone["shown"], alone["rows_changed"]) == ([], False)
        assert alone["answered"] >= 36
        assert (obeyed["shown"], obeyed["failed"], obeyed["rows_changed"]) == ([], [], False)
        assert (obeyed["tools_run"], obeyed["queries_run"], obeyed["tools_offered_beside_text_of_the_lake"]) == (
            0,
            0,
            0,
        )
        # The model did what it was told, and nothing came of it.
        assert obeyed["worded"] >= 36
        assert obeyed["tools_asked_for_in_vain"] > 40
        assert obeyed["plans_asked_for"] > 0
        assert obeyed["plans_run"] == 0
        assert trap.hits == []
