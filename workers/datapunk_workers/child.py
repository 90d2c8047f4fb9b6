"""The training process: reads the dataset, trains, hands the result to its worker through a pipe.

Its arguments are its worker's process number, and `ahead` where it is to load libraries before its order comes. It
takes one JSON line on standard input, which then stays open: its end says that the worker is gone. It writes JSON
lines (progress, error, result) and, after a result's line, the result's bytes. Memory and processor time are limited
by the kernel, so that a training that takes too much ends itself and not its worker.
"""

import ctypes
import gc
import json
import logging
import math
import os
import resource
import select
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import psycopg

from datapunk.errors import DatapunkError, HostUnreachable
from datapunk_workers.child_process import SPARE_S

log = logging.getLogger(__name__)
_PR_SET_PDEATHSIG = 1
_PROGRESS_S = 0.2
# Longer than its worker would give it an order.
_PATIENCE_S = SPARE_S + 60


class Pipe:
    """The way to the worker."""

    def __init__(self, stream: BinaryIO, spent_s: float = 0.0) -> None:
        self._stream = stream
        self._spent_s = spent_s
        self._last = 0.0
        self._stage = ""
        self._figures: dict[str, float] = {}

    def send(self, kind: str, **fields: object) -> None:
        """Send one line."""
        self._stream.write(json.dumps({"type": kind, **fields}).encode() + b"\n")
        self._stream.flush()

    def progress(self, share: float, stage: str, **figures: float) -> None:
        """Tell how far it is, a few times a second at most unless the stage changes."""
        # A loss that left the numbers has no form in JSON.
        self._figures |= {name: value for name, value in figures.items() if math.isfinite(value)}
        now = time.monotonic()
        name = stage.partition(":")[0]
        if name == self._stage and now - self._last < _PROGRESS_S:
            return
        self._last, self._stage = now, name
        self.send("progress", share=share, stage=stage, figures=self._figures, usage=self.usage())

    def usage(self) -> dict[str, float]:
        """Return what this process took since its order came."""
        return usage(self._spent_s)

    def result(self, content: bytes, **fields: object) -> None:
        """Send the result."""
        self.send("result", size=len(content), usage=self.usage(), **fields)
        self._stream.write(content)
        self._stream.flush()


def usage(spent_s: float = 0.0) -> dict[str, float]:
    """Return processor seconds (without those `spent` before), peak memory and memory in use (MiB) of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "cpu_s": used.ru_utime + used.ru_stime - spent_s, "peak_memory_mb": used.ru_maxrss / 1024,
        "memory_mb": pages * resource.getpagesize() / 1048576,
    }  # fmt: skip


def limit(memory_mb: int, cpu_s: int) -> None:
    """Bound this process's data (heap and private mappings; not the libraries' code) and processor time."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory_mb * 1024 * 1024,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def keep_to(cpus: int) -> None:
    """Bind this process to so many of the processors that it may use, chosen so that trainings spread."""
    allowed = sorted(os.sched_getaffinity(0))
    first = os.getpid() % len(allowed)
    os.sched_setaffinity(0, {allowed[(first + number) % len(allowed)] for number in range(min(cpus, len(allowed)))})


def die_with_parent(parent: int) -> None:
    """End this process when its worker ends, however that happens."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def watch_input() -> None:
    """End this process when standard input ends, on which nothing more is to come."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def read_order() -> dict[str, Any] | None:
    """Return the order; None when there comes none."""
    ready, _, _ = select.select([sys.stdin], [], [], _PATIENCE_S)
    line = sys.stdin.buffer.readline() if ready else b""
    return dict(json.loads(line)) if line else None


def load_ahead() -> None:
    """Load what trainings of tables need, which takes longer than many of them."""
    import datapunk_forge.classifier
    import datapunk_forge.pictures
    import datapunk_forge.regressor
    import datapunk_forge.slices  # noqa: F401


def train(order: dict[str, Any], pipe: Pipe) -> None:
    """Do what the order says and send the result."""
    from datapunk_forge.codec import encode
    from datapunk_forge.dataset import read_dataset
    from datapunk_forge.personal import protect
    from datapunk_forge.recipes import trainer
    from datapunk_forge.serving import prepared
    from datapunk_forge.slices import sliced
    from datapunk_workers.connection import act_as, open_connection
    from datapunk_workers.embedder import Embedder
    from datapunk_workers.kept import keep_dataset, kept_dataset
    from datapunk_workers.promotion import judged

    keep_to(order["options"].get("cpus", 1))
    learn = trainer(order["recipe"])
    # The libraries stay: looking through their objects for garbage, again and again, costs a tenth of a training.
    gc.freeze()
    # After the libraries are loaded: a BLAS that finds no memory for its buffers while it loads tries for ever.
    limit(order["memory_mb"], order["timeout_s"] * order["options"].get("cpus", 1) + 60)
    pipe.progress(0.0, "reading")
    with open_connection(order["dsn"]) as connection:
        act_as(connection, order["owner_id"])
        keep, dataset = kept_dataset(connection, order["job_id"], order["token"])
        if dataset is None:
            dataset = read_dataset(
                connection, order["query"], role=order["role_name"], timeout_s=order["timeout_s"],
                memory_mb=order["memory_mb"], progress=pipe.progress, as_of=order["options"].get("as_of"),
            )  # fmt: skip
            if keep:
                keep_dataset(connection, order["job_id"], order["token"], dataset)
    with Embedder(order["dsn"], order["owner_id"]) as embedder:
        shown, personal = protect(dataset, order["options"], progress=pipe.progress)
        learned = prepared(learn(shown, order["options"], pipe.progress, embedder.embed))
        learned = judged(sliced(learned, shown, order["options"]), shown, order, embedder.embed)
        if personal:
            checks = [*learned.parameters.get("checks", ()), *(p.to_json() for p in personal)]  # type: ignore[misc]
            learned = replace(learned, parameters={**learned.parameters, "checks": checks})
    pipe.result(
        encode(learned),
        dataset={
            "fingerprint": dataset.fingerprint,
            "columns": [{"name": c.name, "type": c.type} for c in dataset.columns],
            "row_count": dataset.row_count,
            "read_at": dataset.read_at,
            "origins": [vars(o) for o in dataset.origins],
        },
    )


def main() -> None:
    """Run one training."""
    # Libraries print; what they print must not get between the lines of the protocol.
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    die_with_parent(int(sys.argv[1]))
    if "ahead" in sys.argv[2:]:
        load_ahead()
    order = read_order()
    if order is None:
        return
    watch_input()
    pipe = Pipe(stream, usage()["cpu_s"])
    try:
        train(order, pipe)
    except MemoryError:
        _fail_for_memory(pipe, order)
    except HostUnreachable as exc:
        _fail(pipe, exc.sqlstate, exc.message, exc.hint, retry=True)
    except DatapunkError as exc:
        _fail(pipe, exc.sqlstate, exc.message, exc.hint)
    except psycopg.OperationalError as exc:
        _fail(pipe, exc.sqlstate or "08006", f"the connection was lost: {exc}", None, retry=True)
    except psycopg.DatabaseError as exc:
        # An error that the server did not send is libpq's own: it finds no memory for the rows.
        if exc.sqlstate is None:
            _fail_for_memory(pipe, order)
        else:
            _fail_unforeseen(pipe, exc)
    except Exception as exc:
        _fail_unforeseen(pipe, exc)


def _fail_for_memory(pipe: Pipe, order: dict[str, Any]) -> None:
    _fail(pipe, "DP022", f"the training needs more than {order['memory_mb']} MiB", "Raise the option memory_mb.")


def _fail_unforeseen(pipe: Pipe, exc: Exception) -> None:
    # The worker records it; the traceback goes to the log.
    log.error("training failed", exc_info=exc)
    _fail(pipe, "DP022", f"{type(exc).__name__}: {exc}", "See the worker's log.")


def _fail(pipe: Pipe, sqlstate: str, message: str, hint: str | None, *, retry: bool = False) -> None:
    pipe.send("error", sqlstate=sqlstate, message=message, hint=hint, retry=retry, usage=pipe.usage())


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    main()
