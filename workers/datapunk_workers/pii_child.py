"""The process that looks through texts for personal data: `python -m datapunk_workers.pii_child MODEL SCORE`.

It reads a line of JSON, {"texts": [...]}, and answers with one, {"found": [[[start, end, type, score, recogniser]]]}.
It ends with its input, and when nothing is asked for a while: what its libraries take is needed now and then only.
"""

import json
import os
import resource
import select
import sys
from typing import Any

_IDLE_S = 120.0
_MEMORY_BYTES = 4 << 30


def main() -> None:
    """Answer until there is nothing to do."""
    model, least_score = sys.argv[1], float(sys.argv[2])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What a library prints must not get among the answers.
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    if not model.endswith("_trf"):
        # Loaded by libraries of its libraries where it is there, in seconds and 300 MB, and used by none of them here.
        unused: dict[str, Any] = {"torch": None, "transformers": None}
        sys.modules.update(unused)
    from datapunk.errors import NotReady
    from datapunk.pii import Finder

    try:
        finder = Finder(model, least_score=least_score)
    except NotReady as exc:
        _answer(out, {"not_ready": exc.message, "hint": exc.hint})
        return
    _answer(out, {"model": finder.model})
    while select.select([sys.stdin], [], [], _IDLE_S)[0]:
        if not (line := sys.stdin.buffer.readline()):
            return
        try:
            _answer(out, {"found": finder.find(json.loads(line)["texts"])})
        except (ValueError, RuntimeError, MemoryError, RecursionError, IndexError, TypeError, KeyError) as exc:
            _answer(out, {"error": f"{type(exc).__name__}: {exc}"[:500]})


def _answer(out: Any, answer: dict[str, Any]) -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
