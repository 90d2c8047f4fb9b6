import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from datapunk.errors import HostUnreachable, InvalidArgument, NoSuchModel
from datapunk.inference import connect, vector_literal
from datapunk.inference.unix_http import ConnectionLost, UnixHttpConnection
from datapunk.settings import Settings
from harness import ROOT
from tiny_models import tiny_artifacts


@pytest.fixture
def silent_host(tmp_path: Path) -> Iterator[str]:
    """A socket that accepts and never answers."""
    path = f"/tmp/dp-silent-{os.getpid()}.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        yield path
    Path(path).unlink()


def test_vector_literal_brings_back_the_same_float32() -> None:
    values = np.array([0.1, -1 / 3, 1e-30, 3e38, 0], "<f4")
    text = vector_literal(values.tobytes())
    assert text.startswith("[0.1")
    np.testing.assert_array_equal(np.array(text[1:-1].split(","), dtype="<f4"), values)


def test_no_host_falls_back_in_auto(tmp_path: Path) -> None:
    one = connect(Settings(host_socket=str(tmp_path / "none.sock")), {}, tiny_artifacts())
    assert np.frombuffer(one.embed(["red"], "colours")[0], "<f4").tolist() == [0, 1, 0, 0]


def test_fallback_keeps_the_model_in_the_cache() -> None:
    artifacts, cache = tiny_artifacts(), {}
    for _ in range(3):
        connect(Settings(inference="in_process"), cache, artifacts).embed(["red"], "colours")
    assert artifacts.reads == 2


def test_no_host_is_dp001_when_it_must_be_resident(tmp_path: Path) -> None:
    one = connect(Settings(inference="resident", host_socket=str(tmp_path / "none.sock")), {}, tiny_artifacts())
    with pytest.raises(HostUnreachable):
        one.embed(["red"], "colours")


def test_silent_host_is_given_up_at_the_deadline(silent_host: str) -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        UnixHttpConnection(silent_host).request("GET", "/healthz", b"", timeout=0.2)
    assert time.monotonic() - started < 1


def test_absent_host_is_not_asked_again_at_once(silent_host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datapunk.inference.client._QUESTION_SECONDS", 0.5)
    one = connect(Settings(host_socket=silent_host), {}, tiny_artifacts())
    one.embed(["red"], "colours")
    started = time.monotonic()
    one.embed(["green"], "colours")
    assert time.monotonic() - started < 0.4


def test_peer_that_does_not_speak_http_is_a_lost_connection(silent_host: str) -> None:
    def accept_and_close() -> None:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{silent_host}.2")
            listener.listen()
            peer, _ = listener.accept()
            peer.recv(65_536)
            peer.sendall(b"nonsense\r\n\r\n")
            peer.close()

    server = threading.Thread(target=accept_and_close)
    server.start()
    while not Path(f"{silent_host}.2").exists():
        time.sleep(0.01)
    time.sleep(0.05)
    with pytest.raises(ConnectionLost):
        UnixHttpConnection(f"{silent_host}.2").request("GET", "/", b"", timeout=2)
    server.join()
    Path(f"{silent_host}.2").unlink()


def test_empty_text_is_an_invalid_argument() -> None:
    with pytest.raises(InvalidArgument):
        connect(Settings(inference="in_process"), {}, tiny_artifacts()).embed(["red", " "], "colours")


def test_unknown_model_is_named() -> None:
    with pytest.raises(NoSuchModel, match="nothing"):
        connect(Settings(inference="in_process"), {}, tiny_artifacts()).embed(["red"], "nothing")


def test_parser_of_the_caller_answers_without_a_host() -> None:
    one = connect(Settings(inference="in_process"), {}, tiny_artifacts())
    assert one.parse("time", {"text": "today"}, lambda: [{"text": "today"}]) == [{"text": "today"}]


def test_import_brings_neither_numpy_nor_onnxruntime() -> None:
    code = "import sys, datapunk.inference; print(sorted({'numpy', 'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "plpython")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"
