"""Where the times of a question are read."""

from collections.abc import Callable
from itertools import count
from typing import Any, cast

import pytest

from datapunk.gaia import times
from datapunk.inference import InferenceClient
from datapunk.settings import Settings

CONTEXT = {"now": "2025-06-18T12:00:00+00:00"}


class Host:
    """A model host that notes what it is asked, and leaves the answer to the process."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def parse(self, kind: str, payload: dict[str, Any], in_process: Callable[[], list[dict[str, Any]]]) -> object:
        assert kind == "time"
        self.asked.append(payload["text"])
        return in_process()


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(times, "_asked", count())
    return Host()


def read(host: Host, question: str) -> list[tuple[str, str]]:
    found = times.times_of(cast(InferenceClient, host), Settings(timezone="Europe/Berlin"), question, CONTEXT)
    return [(span["text"], span["start"][:10]) for span in found]


def test_the_first_question_of_a_process_is_the_host_s(host: Host) -> None:
    assert read(host, "videos in March 2023") == read(host, "videos in March 2023") == [("in March 2023", "2023-03-01")]
    assert host.asked == ["videos in March 2023"]


def test_a_date_that_the_grammar_does_not_know_is_the_host_s(host: Host) -> None:
    assert read(host, "mails in 2024") == [("in 2024", "2024-01-01")]
    assert read(host, "mails two weeks ago") == [("two weeks ago", "2025-06-04")]
    assert read(host, "mails on 5 May 2024") == [("on 5 May 2024", "2024-05-05")]
    assert read(host, "what may I watch?") == []
    assert host.asked == ["mails in 2024", "mails two weeks ago"]
