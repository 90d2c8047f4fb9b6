"""The process that looks for personal data, as its worker sees it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from datapunk.errors import NotReady
from datapunk.pii import Span
from datapunk_workers.pii_process import PiiProcess, TextRefused

STAND_IN = """
import json, os, sys, time
print(json.dumps({"model": "stand-in " + sys.argv[1]}), flush=True)
for line in sys.stdin:
    texts = json.loads(line)["texts"]
    if "die" in texts: os._exit(3)
    if "hang" in texts: time.sleep(60)
    found = {"found": [[[0, 1, "A", 1.0, "r"]] for _ in texts]}
    print(json.dumps({"error": "bad"} if "bad" in texts else found), flush=True)
"""


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PiiProcess]:
    """The real protocol with a stand-in for the libraries, which take seconds to load."""
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    one = PiiProcess(patience_s=1.0, module="stand_in")
    yield one
    one.close()


@pytest.mark.parametrize("text", ["die", "hang", "bad"])
def test_a_text_that_spoils_it_is_told_and_the_next_ones_are_read(process: PiiProcess, text: str) -> None:
    with pytest.raises(TextRefused):
        process.find([text], "m", 0.4)
    assert process.find(["a", "b"], "m", 0.4) == [[Span(0, 1, "A", 1.0, "r")]] * 2


def test_another_pipeline_gets_another_process(process: PiiProcess) -> None:
    process.find(["a"], "m", 0.4)
    assert process.model == "stand-in m"
    process.find(["a"], "n", 0.4)
    assert process.model == "stand-in n"


def test_the_real_one_finds_and_tells_what_is_missing() -> None:
    one = PiiProcess()
    try:
        assert [span.type for span in one.find(["ann@example.org\n"], "none", 0.4)[0]] == ["EMAIL_ADDRESS"]
        with pytest.raises(NotReady, match="xx_nowhere"):
            one.find(["a"], "xx_nowhere", 0.4)
    finally:
        one.close()
