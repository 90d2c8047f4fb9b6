import hashlib
from base64 import b64encode
from pathlib import Path

import pytest

from datapunk.errors import InvalidArgument, NotReady, UnsupportedFile
from datapunk.inference.sealing import key_of, opened, sealed

CONTENT = b"a graph" * 100
FIRST, SECOND = (b64encode(bytes([n]) * 32).decode() for n in (1, 2))
ENVIRONMENT = {"DATAPUNK_SEAL_WITH": "first", "DATAPUNK_KEY_FIRST": FIRST}


def test_what_is_sealed_comes_back_and_says_its_key() -> None:
    kept = sealed("model.onnx", CONTENT, ENVIRONMENT)
    assert CONTENT[:20] not in kept
    assert key_of(kept) == "first"
    assert opened(kept, ENVIRONMENT) == CONTENT
    assert hashlib.sha256(CONTENT).digest() in kept


def test_the_same_content_is_sealed_differently_each_time() -> None:
    assert sealed("model.onnx", CONTENT, ENVIRONMENT) != sealed("model.onnx", CONTENT, ENVIRONMENT)


def test_without_a_key_named_it_stays_plain() -> None:
    assert sealed("model.onnx", CONTENT, {"DATAPUNK_KEY_FIRST": FIRST}) == CONTENT
    assert (key_of(CONTENT), opened(CONTENT, {})) == (None, CONTENT)


@pytest.mark.parametrize("name", ["plots.json", "plot_loss.svg", "router.json"])
def test_what_sql_reads_stays_plain(name: str) -> None:
    assert sealed(name, CONTENT, ENVIRONMENT) == CONTENT


def test_a_missing_key_is_named_with_what_to_do() -> None:
    kept = sealed("model.onnx", CONTENT, ENVIRONMENT)
    for call in (lambda: opened(kept, {}), lambda: sealed("model.onnx", CONTENT, {"DATAPUNK_SEAL_WITH": "first"})):
        with pytest.raises(NotReady, match="'first'") as caught:
            call()
        assert "DATAPUNK_KEY_FIRST" in (caught.value.hint or "")


def test_another_key_or_a_changed_byte_is_refused() -> None:
    kept = sealed("model.onnx", CONTENT, ENVIRONMENT)
    with pytest.raises(UnsupportedFile, match="first"):
        opened(kept, {"DATAPUNK_KEY_FIRST": SECOND})
    for place in (10, len(kept) - 1):
        changed = kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :]
        with pytest.raises(UnsupportedFile):
            opened(changed, ENVIRONMENT)


def test_a_key_can_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "first.key").write_text(FIRST + "\n")
    environment = {"DATAPUNK_SEAL_WITH": "first", "DATAPUNK_KEYS": str(tmp_path)}
    assert opened(sealed("model.onnx", CONTENT, environment), ENVIRONMENT) == CONTENT


def test_keys_of_another_length_and_odd_names_are_refused() -> None:
    with pytest.raises(NotReady, match="32 bytes"):
        sealed("model.onnx", CONTENT, {**ENVIRONMENT, "DATAPUNK_KEY_FIRST": "c2hvcnQ="})
    with pytest.raises(InvalidArgument, match="DATAPUNK_SEAL_WITH"):
        sealed("model.onnx", CONTENT, {"DATAPUNK_SEAL_WITH": "../x"})
