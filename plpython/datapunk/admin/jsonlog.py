"""Logs as JSON lines, in one place: our programs log so themselves, others are read through a pipe."""

import json
import logging
import os
import re
import sys
import types

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PREFIXES = (
    re.compile(r"^(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) (?P<level>[A-Z]{4}) (?P<message>.*)$", re.DOTALL),
    re.compile(r"^(?P<at>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}): (?P<message>.*)$", re.DOTALL),
)


def configure_logging(program: str, level: int = logging.INFO) -> None:
    """Log everything of this process, uncaught errors included, to standard error as JSON lines."""
    from pythonjsonlogger.json import JsonFormatter

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            static_fields={"program": program, "pid": os.getpid()},
            timestamp=True,
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)

    def log_uncaught(kind: type[BaseException], error: BaseException, traceback: types.TracebackType | None) -> None:
        logging.getLogger(program).critical("uncaught error", exc_info=(kind, error, traceback))

    sys.excepthook = log_uncaught


def as_json_line(program: str, line: str) -> str:
    """A line of another program's log as one JSON object; a line that is one already passes unchanged."""
    line = _COLOUR.sub("", line)
    if line.startswith("{") and _is_json(line):
        return line
    for prefix in _PREFIXES:
        match = prefix.match(line)
        if match:
            return json.dumps({"timestamp": match["at"], "program": program, **_without_time(match.groupdict())})
    return json.dumps({"program": program, "message": line})


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


def _without_time(fields: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name != "at"}


def pipe_output(program: str) -> None:
    """Send what this process prints from now on through a child that writes it as JSON lines.

    It stays so when the process is replaced by another program, which keeps its id: signals and supervision need
    no wrapper. The child ends with the pipe.
    """
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.close(write_end)
        with os.fdopen(read_end, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                os.write(1, (as_json_line(program, line.rstrip("\n")) + "\n").encode())
        os._exit(0)
    os.close(read_end)
    for output in (1, 2):
        os.dup2(write_end, output)
    os.close(write_end)
