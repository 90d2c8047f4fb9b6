"""A question that is asked, and its answer taken later."""

import os
import signal
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest

from datapunk.inference import InferenceClient, connect
from datapunk.inference.unix_http import UnixHttpConnection
from datapunk.settings import Settings
from tiny_models import tiny_artifacts
from unit.host.conftest import HostProcess


def client(host: HostProcess, cache: dict[str, Any] | None = None) -> InferenceClient:
    settings = Settings(inference="resident", host_socket=str(host.socket))
    return connect(settings, {} if cache is None else cache, tiny_artifacts())


def requests(host: HostProcess) -> float:
    """How many embeddings the host was asked for and gave."""
    text = UnixHttpConnection(str(host.socket)).request("GET", "/metrics", b"", timeout=5).body.decode()
    lines = [
        line for line in text.splitlines() if "requests_total" in line and '/v1/embeddings"' in line and "200" in line
    ]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def test_the_answer_to_a_question_is_taken_later(host: HostProcess) -> None:
    one = client(host)
    expected = one.embed(["green"], "colours")
    before = requests(host)
    cache: dict[str, Any] = {}
    client(host, cache).ask("green", "colours")
    assert client(host, cache).embed(["green"], "colours") == expected
    assert requests(host) == before + 1


def test_what_is_asked_in_between_gets_its_own_answer(host: HostProcess) -> None:
    one = client(host)
    red, green, both = (
        one.embed(["red"], "colours"),
        one.embed(["green"], "colours"),
        one.embed(["red", "green"], "colours"),
    )
    one.ask("blue", "colours")
    assert one.embed(["red"], "colours") == red
    one.ask("blue", "colours")
    assert one.embed(["red", "green"], "colours") == both
    one.ask("green", "colours")
    one.ask("blue", "colours")
    assert one.embed(["green"], "colours") == green


def test_a_host_that_lacks_the_model_gets_it(own_host: HostProcess) -> None:
    one = client(own_host)
    one.ask("red", "colours")
    assert one.embed(["red"], "colours") == connect(Settings(inference="in_process"), {}, tiny_artifacts()).embed(
        ["red"], "colours"
    )


def test_a_host_that_dies_before_it_answers_is_asked_again(own_host: HostProcess) -> None:
    one = client(own_host)
    expected = one.embed(["red"], "colours")
    one.ask("blue", "colours")
    own_host.stop(signal.SIGKILL)
    own_host.start()
    assert one.embed(["red"], "colours") == expected
    one.ask("green", "colours")
    own_host.stop(signal.SIGKILL)
    own_host.start()
    assert one.embed(["green"], "colours") == client(own_host).embed(["green"], "colours")


def test_a_host_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datapunk.inference.client._QUESTION_SECONDS", 0.2)
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = str(Path(folder, f"{os.getpid()}.sock"))
        listener.bind(path)
        listener.listen()
        one = connect(Settings(host_socket=path), {}, tiny_artifacts())
        one.ask("red", "colours")
        assert one.embed(["red"], "colours") == connect(Settings(inference="in_process"), {}, tiny_artifacts()).embed(
            ["red"], "colours"
        )


def test_without_a_host_nothing_is_asked() -> None:
    one = connect(Settings(inference="in_process"), {}, tiny_artifacts())
    one.ask("red", "colours")
    assert len(one.embed(["red"], "colours")) == 1
