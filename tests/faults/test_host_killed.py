"""The model host killed under questions: no answer fails, with or without it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cortex_items import insert_items
from harness import Database, ModelHost

pytestmark = pytest.mark.faults
ASKERS = 3


@pytest.mark.timeout(300)
def test_no_question_fails_while_the_host_dies_and_comes_back(database: Database, own_model_host: ModelHost) -> None:
    with database.connect() as connection:
        insert_items(connection, [{"title": f"a note about espresso number {n}"} for n in range(50)])
    over = threading.Event()

    def ask() -> list[str]:
        answers = []
        with database.connect() as connection:
            connection.execute(f"set datapunk.host_socket = '{own_model_host.socket}'")
            while not over.is_set():
                row = connection.execute("select gaia_ask('what did I write about espresso?')").fetchone()
                assert row is not None
                answers.append(str(row[0]))
        return answers

    with ThreadPoolExecutor(ASKERS) as pool:
        asking = [pool.submit(ask) for _ in range(ASKERS)]
        try:
            for _ in range(2):
                time.sleep(2)
                own_model_host.kill()
                time.sleep(3)
                own_model_host.start()
            time.sleep(2)
        finally:
            over.set()
        answers = [answer for future in asking for answer in future.result(120)]
    assert len(answers) > 2 * ASKERS
    assert len({answer.partition("\n")[0] for answer in answers}) == 1
