"""The connectors of docs/how-to/connect.md run as they stand there, against a running PostgREST."""

import json
import os
import re
import subprocess
import sys

import pytest

from harness import ROOT
from http_api import Api

PAGE = (ROOT / "docs/how-to/connect.md").read_text(encoding="utf-8")


def block(language: str, which: int) -> str:
    """A block of code of the page."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[which]


def run(api: Api, command: list[str], given: str = "", owner: str = "connected") -> str:
    environment = {
        "PATH": os.environ["PATH"], "DATAPUNK_URL": f"http://127.0.0.1:{api.port}", "DATAPUNK_TOKEN": api.token(owner),
    }  # fmt: skip
    return subprocess.run(command, env=environment, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout


def test_the_line_for_curl_adds_its_page_view_once(api: Api) -> None:
    answers = [json.loads(run(api, ["bash", "-c", block("sh", 1)])) for _ in range(2)]
    assert [answer[0]["items_new"] for answer in answers] == [1, 0]
    (visit,) = api.get("/visits?select=title,source", owner="connected").body
    assert visit == {"title": "All about tea", "source": "my_plugin"}


def test_the_program_sends_all_lines_in_batches_and_nothing_twice(api: Api) -> None:
    lines = [
        json.dumps({"kind": "highlight", "source": "reader", "external_id": str(number), "body": f"passage {number}"})
        for number in range(620)
    ]
    given = "\n".join(lines) + "\n\n"
    command = [sys.executable, "-c", block("python", 0)]
    assert [line.count("'items_seen': ") for line in run(api, command, given, "reader").splitlines()] == [1, 1]
    assert "'items_new': 0" in run(api, command, given, "reader")
    assert len(api.get("/highlights?select=item_id", owner="reader").body) == 620


def test_the_program_tells_what_is_refused(api: Api) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run(api, [sys.executable, "-c", block("python", 0)], '{"kind": "visit"}\n', owner="system")
