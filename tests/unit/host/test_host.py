import json
import signal
import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from datapunk.errors import HostUnreachable, InvalidArgument
from datapunk.inference import InferenceClient, ScoreForm, connect
from datapunk.inference.unix_http import UnixHttpConnection
from datapunk.settings import Settings
from tiny_models import as_json, predictor, row_sums, sha256, tiny_artifacts
from unit.host.conftest import HostProcess


def client(host: HostProcess, cache: dict[str, Any] | None = None, mode: str = "resident") -> InferenceClient:
    settings = Settings(inference=mode, host_socket=str(host.socket))  # type: ignore[arg-type]
    return connect(settings, {} if cache is None else cache, tiny_artifacts())


def ask(host: HostProcess, method: str, target: str, body: Any = None) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else as_json(body) if body is not None else b""
    reply = UnixHttpConnection(str(host.socket)).request(method, target, content, timeout=10)
    return reply.status, json.loads(reply.body)


def metric(host: HostProcess, name: str) -> float:
    text = UnixHttpConnection(str(host.socket)).request("GET", "/metrics", b"", timeout=10).body.decode()
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"{name} "))


def test_embeds_with_a_model_that_the_client_pushes(host: HostProcess) -> None:
    vectors = client(host).embed(["red", "blue blue", "red green"], "colours")
    expected = [[0, 1, 0, 0], [0, 0, 0, 1], [0, 0.5**0.5, 0.5**0.5, 0]]
    np.testing.assert_allclose([np.frombuffer(v, "<f4") for v in vectors], expected, atol=1e-6)


def test_predicts_with_float_integer_and_text_inputs(host: HostProcess) -> None:
    inputs = {"x": [[1.5, 2], [3, 4]], "n": [3, 4], "s": ["a", "ü"]}
    outputs = client(host).predict(sha256(predictor()), inputs)
    assert outputs == {"total": [3.5, 7.0], "twice": [6, 8], "same": ["a", "ü"]}


def test_wrong_inputs_of_a_predictor_are_an_invalid_argument(host: HostProcess) -> None:
    with pytest.raises(InvalidArgument, match="takes"):
        client(host).predict(sha256(predictor()), {"x": [[1, 2]]})


def test_answers_in_the_form_of_openai(host: HostProcess) -> None:
    artifacts = tiny_artifacts()
    client(host).embed(["red"], "colours")
    name = artifacts.manifest("colours").identity
    status, answer = ask(host, "POST", "/v1/embeddings", {"model": name, "input": "green"})
    assert status == 200
    assert answer["data"] == [{"object": "embedding", "index": 0, "embedding": [0.0, 0.0, 1.0, 0.0]}]
    assert answer["usage"] == {"prompt_tokens": 1, "total_tokens": 1}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"model": "m", "input": []}, "invalid_input"),
        ({"model": "m", "input": " "}, "empty_text"),
        ({"model": "m", "input": ["a", 1]}, "invalid_input"),
        ({"model": "m", "input": ["a"] * 2049}, "too_many_texts"),
        ({"model": "m", "input": ["\ud800"]}, "invalid_text"),
        ({"model": "", "input": "a"}, "invalid_model"),
        ({"model": "m", "input": "a", "encoding_format": "hex"}, "invalid_encoding_format"),
        ([], "invalid_json"),
        (b"{", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
    ],
)
def test_bad_embedding_requests_are_refused(host: HostProcess, body: Any, code: str) -> None:
    status, answer = ask(host, "POST", "/v1/embeddings", body)
    assert (status, answer["error"]["code"]) == (400, code)


def test_unknown_model_is_404_model_not_found(host: HostProcess) -> None:
    status, answer = ask(host, "POST", "/v1/embeddings", {"model": "other", "input": "a"})
    assert (status, answer["error"]["code"]) == (404, "model_not_found")


def test_artifact_with_another_checksum_is_refused(host: HostProcess) -> None:
    status, answer = ask(host, "PUT", f"/artifacts/{'0' * 64}", b"content")
    assert (status, answer["error"]["code"]) == (400, "checksum_mismatch")


def test_model_without_its_artifacts_is_409(host: HostProcess) -> None:
    name = "a" * 64
    status, answer = ask(host, "PUT", f"/models/{name}", {"kind": "predictor", "files": {"model.onnx": name}})
    assert (status, answer["error"]["code"]) == (409, "artifact_missing")


def test_model_is_not_taken_under_a_name_of_the_clients_choice(host: HostProcess) -> None:
    body = {"kind": "predictor", "files": {"model.onnx": "a" * 64}}
    status, answer = ask(host, "PUT", "/models/all-MiniLM-L6-v2", body)
    assert (status, answer["error"]["code"]) == (400, "name_mismatch")


def test_damaged_model_is_refused_and_the_host_lives_on(host: HostProcess) -> None:
    content = b"\x80\x04no graph"
    name = sha256(content)
    assert ask(host, "PUT", f"/artifacts/{name}", content)[0] == 201
    status, answer = ask(host, "PUT", f"/models/{name}", {"kind": "predictor", "files": {"model.onnx": name}})
    assert (status, answer["error"]["code"]) == (400, "model_unusable")
    assert ask(host, "GET", "/healthz")[1]["status"] == "ok"


def test_fifty_clients_share_one_model(own_host: HostProcess) -> None:
    assert own_host.process is not None
    clients = [client(own_host, {}) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda one: one.embed(["red", "green blue"], "colours"), clients))
    assert all(answer == answers[0] for answer in answers)
    assert metric(own_host, "datapunk_host_models") == 1
    assert metric(own_host, "datapunk_host_pid") == own_host.process.pid


def test_models_beyond_the_room_are_dropped_and_pushed_again(own_host: HostProcess) -> None:
    own_host.stop()
    own_host.environment["DATAPUNK_HOST_CACHE_MB"] = "1"
    own_host.start()
    artifacts = tiny_artifacts()
    padded = json.loads(artifacts.contents[artifacts.manifest("colours").files["tokenizer.json"]])
    padded["model"]["vocab"] |= {f"{'w' * 40}{number}": number + 4 for number in range(14_000)}
    tokenizer = as_json(padded)
    graph = artifacts.contents[artifacts.manifest("colours").files["model.onnx"]]
    artifacts.add("large", "embedder", {"model.onnx": graph, "tokenizer.json": tokenizer})
    one = connect(Settings(inference="resident", host_socket=str(own_host.socket)), {}, artifacts)
    for model in ("colours", "large", "colours", "large"):
        assert np.frombuffer(one.embed(["red"], model)[0], "<f4")[1] == 1
    padded["model"]["vocab"]["another"] = 20_000
    artifacts.add("larger", "embedder", {"model.onnx": graph, "tokenizer.json": as_json(padded)})
    one.embed(["red"], "larger")
    one.embed(["red"], "colours")
    assert metric(own_host, "datapunk_host_evictions_total") >= 1


def test_parses_time_expressions(host: HostProcess) -> None:
    payload = {"text": "in June 2024", "now": "2025-06-01T12:00:00+00:00", "timezone": "UTC", "language": "en"}
    spans = client(host).parse("time", payload)
    assert spans[0]["start"].startswith("2024-06-01T00:00:00")


def test_unknown_time_zone_is_an_invalid_argument(host: HostProcess) -> None:
    with pytest.raises(InvalidArgument, match="time zone"):
        client(host).parse("time", {"text": "today", "timezone": "Nowhere/City"})


def test_socket_is_private(host: HostProcess) -> None:
    assert stat.S_IMODE(host.socket.stat().st_mode) == 0o660


def test_sigterm_ends_it_cleanly(own_host: HostProcess) -> None:
    assert own_host.stop() == 0
    assert not own_host.socket.exists()


def test_stale_socket_of_a_killed_host_is_replaced(own_host: HostProcess) -> None:
    own_host.stop(signal.SIGKILL)
    assert own_host.socket.exists()
    own_host.start()
    assert ask(own_host, "GET", "/healthz")[0] == 200


def test_second_host_on_the_same_socket_gives_up(own_host: HostProcess) -> None:
    second = HostProcess(own_host.socket)
    second.log.write_text("")
    with pytest.raises(AssertionError, match="another model host serves"):
        second.start()
    assert ask(own_host, "GET", "/healthz")[0] == 200


def test_connection_survives_a_restart_of_the_host(own_host: HostProcess) -> None:
    one = client(own_host)
    before = one.embed(["red"], "colours")
    own_host.stop()
    own_host.start()
    assert one.embed(["red"], "colours") == before


def test_in_process_answers_are_those_of_the_host(host: HostProcess) -> None:
    texts = ["red green", "blue", "green green red"]
    assert client(host, mode="in_process").embed(texts, "colours") == client(host).embed(texts, "colours")


def test_no_answer_fails_when_the_host_is_killed_under_questions(own_host: HostProcess) -> None:
    expected = client(own_host).embed(["red green"], "colours")
    killed = threading.Event()
    answers: list[list[bytes]] = []

    def question() -> None:
        one = client(own_host, {}, "auto")
        while not killed.is_set():
            answers.append(one.embed(["red green"], "colours"))
        answers.append(one.embed(["red green"], "colours"))

    threads = [threading.Thread(target=question) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    own_host.stop(signal.SIGKILL)
    time.sleep(0.2)
    killed.set()
    for thread in threads:
        thread.join(30)
    assert len(answers) > 8
    assert all(answer == expected for answer in answers)


def test_stopped_host_is_dp001_when_it_must_be_resident(own_host: HostProcess) -> None:
    own_host.stop()
    with pytest.raises(HostUnreachable) as raised:
        client(own_host).embed(["red"], "colours")
    assert raised.value.sqlstate == "DP001"
    assert raised.value.hint


def score_form(layout: str = "v4:2", output: str = "sums", result: str = "value", keyed: bool = False) -> ScoreForm:
    return ScoreForm(layout=layout, output=output, result=result, keyed=keyed)  # type: ignore[arg-type]


def scored(host: HostProcess, batches: list[bytes], form: ScoreForm, mode: str = "resident") -> list[Any]:
    graph = row_sums()
    artifacts = tiny_artifacts()
    artifacts.add(sha256(graph), "predictor", {"model.onnx": graph})
    settings = Settings(inference=mode, host_socket=str(host.socket))  # type: ignore[arg-type]
    return list(connect(settings, {}, artifacts).score(sha256(graph), enumerate(batches), form))


def packed(*rows: tuple[float, ...]) -> bytes:
    """Rows as vector_send packs them."""
    return b"".join(bytes([0, len(row), 0, 0]) + np.array(row, dtype=">f4").tobytes() for row in rows)


def test_scores_packed_rows_batch_by_batch(host: HostProcess) -> None:
    found = scored(host, [packed((1, 2), (3, 4)), packed((0.5, 0.25))], score_form())
    assert [(tag, scores.values) for tag, scores in found] == [(0, "{3.0,7.0}"), (1, "{0.75}")]
    assert {scores.labels for _, scores in found} == {"{}"}


def test_infinities_and_the_largest_number_are_missing_to_a_model(host: HostProcess) -> None:
    largest = float(np.finfo(np.float32).max)
    ((_, scores),) = scored(host, [packed((np.inf, 1), (-np.inf, 1), (largest, 1), (1, 1))], score_form())
    assert scores.values == "{nan,nan,nan,2}"


def test_parts_of_a_row_may_be_packed_in_two_ways(host: HostProcess) -> None:
    row = b"\0\1\0\0" + np.array([1.5], ">f4").tobytes() + np.array([0.25], "<f4").tobytes()
    ((_, scores),) = scored(host, [row * 2], score_form("v4:1,f4:1"))
    assert scores.values == "{1.75,1.75}"


def test_keys_that_are_packed_with_the_rows_come_back_beside_the_scores(host: HostProcess) -> None:
    largest = float(np.finfo(np.float32).max)
    rows = packed((1, 2, 0, 0, 7), (3, 4, -1, 2097151, 2097150), (5, 6, 2097151, 2097151, 2097151))
    ((_, scores),) = scored(host, [rows], score_form("v4:5", keyed=True))
    assert (scores.keys, scores.values) == (f"{{7,-2,{2**63 - 1}}}", "{3.0,7.0,11.0}")
    ((_, scores),) = scored(host, [rows + packed((1, 1, largest, 0, 0))], score_form("v4:5", keyed=True))
    assert scores.keys == f"{{7,-2,{2**63 - 1},NULL}}"


def test_the_largest_output_is_the_label(host: HostProcess) -> None:
    ((_, scores),) = scored(host, [packed((1, 2), (4, 3))], score_form(output="same", result="label"))
    assert (scores.labels, scores.probabilities) == ("{2,1}", "{2.0,4.0}")


def test_scores_in_process_are_those_of_the_host(host: HostProcess) -> None:
    batches = [packed((1, 2)), packed((3, 4))]
    assert scored(host, batches, score_form(), "in_process") == scored(host, batches, score_form())


def test_a_host_killed_between_batches_is_replaced(own_host: HostProcess) -> None:
    def batches() -> Iterator[bytes]:
        yield packed((1, 2))
        own_host.stop(signal.SIGKILL)
        yield packed((3, 4))

    found = scored(own_host, batches(), score_form(), "auto")  # type: ignore[arg-type]
    assert [scores.values for _, scores in found] == ["{3.0}", "{7.0}"]


@pytest.mark.parametrize(("content", "layout"), [(b"123", "v4:2"), (bytes(16), "v4:3"), (bytes(12), "v4:1")])
def test_bytes_that_are_no_rows_are_an_invalid_argument(host: HostProcess, content: bytes, layout: str) -> None:
    with pytest.raises(InvalidArgument):
        scored(host, [content], score_form(layout))


@pytest.mark.parametrize("query", ["", "layout=v4:2", "layout=v4:0&output=sums&result=value", "layout=v4:2&result=x"])
def test_an_unknown_form_is_refused(host: HostProcess, query: str) -> None:
    scored(host, [packed((1, 2))], score_form())
    assert ask(host, "POST", f"/score/{sha256(row_sums())}?{query}", packed((1, 2)))[0] == 400


def test_a_prediction_that_is_asked_for_again_is_counted_as_known(host: HostProcess) -> None:
    inputs = {"x": [[7.5, 2], [3, 4]], "n": [3, 4], "s": ["a", "b"]}
    one = client(host)
    first = one.predict(sha256(predictor()), inputs)
    one.predict(sha256(predictor()), inputs)
    before = metric(host, 'datapunk_host_predictions_total{cache="hit"}')
    assert one.predict(sha256(predictor()), inputs) == first
    assert metric(host, 'datapunk_host_predictions_total{cache="hit"}') == before + 1
