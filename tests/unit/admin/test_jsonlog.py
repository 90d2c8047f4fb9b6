import json
import subprocess
import sys

import pytest

from datapunk.admin.jsonlog import as_json_line


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("plain words", {"program": "p", "message": "plain words"}),
        ("\x1b[0;93mcolour\x1b[m", {"program": "p", "message": "colour"}),
        ("{not json", {"program": "p", "message": "{not json"}),
        (
            "21/Nov/2026:08:36:03 +0000: Schema cache loaded",
            {"timestamp": "21/Nov/2026:08:36:03 +0000", "program": "p", "message": "Schema cache loaded"},
        ),
        (
            "2026-11-21 08:36:39,043 WARN exited: worker",
            {"timestamp": "2026-11-21 08:36:39,043", "program": "p", "level": "WARN", "message": "exited: worker"},
        ),
    ],
)
def test_a_line_of_another_program_becomes_an_object(line: str, fields: dict[str, str]) -> None:
    assert json.loads(as_json_line("p", line)) == fields


def test_a_line_that_is_json_passes_unchanged() -> None:
    assert as_json_line("p", '{"level": "INFO"}') == '{"level": "INFO"}'


def test_a_program_that_takes_over_prints_json_lines() -> None:
    code = (
        "import os, sys;from datapunk.admin import jsonlog as j;j.pipe_output('p');os.execv(sys.argv[1], sys.argv[1:])"
    )
    command = [sys.executable, "-c", code, "/bin/sh", "-c", "echo out; echo err >&2; exit 3"]
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert result.returncode == 3
    assert {json.loads(line)["message"] for line in result.stdout.splitlines()} == {"out", "err"}


def test_an_uncaught_error_is_one_json_line() -> None:
    code = "from datapunk.admin.jsonlog import configure_logging as c; c('p'); raise ValueError('broken')"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    (line,) = result.stderr.splitlines()
    logged = json.loads(line)
    assert (logged["level"], logged["program"]) == ("CRITICAL", "p")
    assert "ValueError: broken" in logged["exc_info"]
