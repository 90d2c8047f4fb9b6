"""Fuzzing of the Lake's adapters: mutated files through the process that reads files, with a bound on its memory.

`python -m tests.bench.fuzz_lake --seconds 120 [--adapter NAME ...] [--jobs N] [--seed N] [--turn N] [--keep FOLDER]`
reports, for each adapter, how many inputs were read, and what went wrong: a reader that a signal ended (crash), one
that came no further for 20 s (hang), one without memory (memory), an exception that an adapter let out so that the rest
of a file is lost (escaped), and the most memory that a reader took. It exits with 1 if there was a crash, hang, memory
or escaped. The same seed gives the same inputs; `--keep` writes down those that went wrong.

Seconds are of processor time, so that a busy machine fuzzes as much as an idle one; `--jobs` adapters are fuzzed side
by side. Each line tells at which turn its adapter stopped: `--turn` goes on from there, so that many short runs are one
long one.
"""

import argparse
import gzip
import io
import json
import random
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "plpython")]

from bench.fuzz_seeds import seeds  # noqa: E402
from datapunk.errors import DatapunkError  # noqa: E402
from datapunk.lake import reader_process, registry  # noqa: E402
from datapunk.lake.frames import Frame  # noqa: E402
from datapunk.lake.request import Limits, Reading  # noqa: E402

MEMORY_BYTES = 768 << 20
PATIENCE_S = 20.0
SLOW_S = 4.0
INPUT_BYTES = 4 << 20
_TOGETHER = 24
TROUBLE = ("crash", "hang", "memory", "escaped")
# The exception that ended a file is the beginning of its reason.
_EXCEPTION = re.compile(r"[A-Z]\w*(?:Error|Exception|Warning|Iteration|Interrupt|Exit|Invalid\w*|Not\w*): ")

_TOKENS = (
    b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"null", b"true", b"[]", b"{}",
    b'""', b"[", b"{", b"]", b"}", b'"', b"\\", b"<", b">", b"&", b"]]>", b"<!--", b"<![CDATA[", b"&#0;", b"&#xD800;",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"0", b"-1", b"NaN", b"Infinity", b"1E400", b"1E999999999", b"-0.0", b"0x10",
    b"9" * 400, b"9" * 4_400, b"1" + b"0" * 30, str(1 << 63).encode(), str(-(1 << 63) - 1).encode(),
    str(1 << 31).encode(), b"253402300800000", b"-62135596801", b"0000-00-00", b"9999-12-31T23:59:59.999999Z",
    b"0001-01-01T00:00:00+23:59", b"2024-02-30T25:61:61Z", b"2024-06-15T10:30:00.123456789123Z", b"\r", b"\n", b"\t",
    b",", b";", b"From ", b"\n\nFrom a Thu Jan 01 00:00:00 +0000 1970\nA: b\n", b"://", b"javascript:", b"%00", b"%FF",
    b"RRULE:FREQ=SECONDLY\r\n", b"DTSTART:00010101T000000\r\n", b"DTEND;TZID=No/Where:99991231T235959Z\r\n",
    b"\xe2\x80\x8f", b"\xe2\x80\xa8", "٣٤".encode(), "²".encode(), "🫖".encode(), b"=?utf-8?b?/w==?=", b"=?x?q?=FF?=",
)  # fmt: skip
Input = tuple[str, bytes]
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")


@dataclass(kw_only=True)
class Tally:
    """What became of the inputs of one adapter."""

    seconds: float = 0.0
    inputs: int = 0
    next_turn: int = 0
    read: int = 0
    crash: int = 0
    hang: int = 0
    memory: int = 0
    escaped: int = 0
    slowest_s: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)


def mutated(chance: random.Random, corpus: list[bytes]) -> bytes:
    """Return one of the corpus after a few changes, which in a packed file or a package are made to a part."""
    data = chance.choice(corpus)
    if chance.random() < 0.75:
        if data.startswith(b"PK\x03\x04"):
            return _package(chance, data)
        if data.startswith(b"\x1f\x8b"):
            # What was damaged before cannot be unpacked; then the packed bytes are changed.
            with suppress(OSError, EOFError, zlib.error):
                return gzip.compress(_changed(chance, gzip.decompress(data), corpus), 1)
    return _changed(chance, data, corpus)


def _package(chance: random.Random, data: bytes) -> bytes:
    """Return a zip with one of its members changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        hit = chance.choice(names)
        for name in names:
            content = old.read(name)
            new.writestr(name, _changed(chance, content, [content]) if name == hit else content)
    return out.getvalue()


def _changed(chance: random.Random, data: bytes, corpus: list[bytes]) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 3, 5, 9))):
        data = chance.choice(_CHANGES)(chance, data, corpus)[:INPUT_BYTES]
    return data


def _span(chance: random.Random, data: bytes, most: int = 400) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.randint(1, most))


def _flip(chance: random.Random, data: bytes, corpus: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 4, 32)) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _noise(chance: random.Random, data: bytes, corpus: list[bytes]) -> bytes:
    start, end = _span(chance, data, 40)
    return data[:start] + chance.randbytes(end - start) + data[end:]


def _delete(chance: random.Random, data: bytes, corpus: list[bytes]) -> bytes:
    start, end = _span(chance, data)
    return data[:start] + data[end:]


def _cut(chance: random.Random, data: bytes, corpus: list[bytes]) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _insert(chance: random.Random, data: bytes, corpus: list[bytes]) -> bytes:
    at, _ = _span(chance, data)
    return data[:at] + chance.choice(_TOKENS) + data[at:]


def _repeat(chance: random.Random, data: bytes, corpus: list[bytes]) -> bytes:
    start, end = _span(chance, data, 2_000)
    times = chance.choice((2, 2, 10, 100, 1_000, 10_000))
    return data[:end] + data[start:end] * times + data[end:]


def _number(chance: random.Random, data: bytes, corpus: list[bytes]) -> bytes:
    """Replace a number, which is where times, coordinates and sizes are."""
    found = list(islice(_NUMBER.finditer(data, chance.randrange(len(data) + 1)), 50))
    if not found:
        return data
    match = chance.choice(found)
    return data[: match.start()] + chance.choice(_TOKENS) + data[match.end() :]


def _splice(chance: random.Random, data: bytes, corpus: list[bytes]) -> bytes:
    other = chance.choice(corpus)
    at, _ = _span(chance, data)
    start, end = _span(chance, other, 4_000)
    return data[:at] + other[start:end] + data[at:]


def _nest(chance: random.Random, data: bytes, corpus: list[bytes]) -> bytes:
    at, _ = _span(chance, data)
    what = chance.choice((b"[", b'{"a":', b"<div>", b"<a><b>", b"(", b"{{", b"BEGIN:VEVENT\r\n", b"> "))
    return data[:at] + what * chance.choice((5, 100, 2_000, 100_000)) + data[at:]


_CHANGES: tuple[Callable[[random.Random, bytes, list[bytes]], bytes], ...] = (
    _flip, _noise, _delete, _cut, _insert, _repeat, _number, _number, _splice, _nest,
)  # fmt: skip


def read_all(content: bytes, filename: str, source: str | None, patience_s: float = PATIENCE_S) -> list[Frame]:
    """Return the frames that the reader process gives for a file, as the backend would get them."""
    reading = Reading(path="", filename=filename, source=source, limits=Limits(max_ratio=100_000))
    frames = reader_process.read(
        reading, content, memory_bytes=MEMORY_BYTES, breathe=lambda: None, patience_seconds=patience_s
    )
    return list(frames)


def trouble(reason: str) -> str | None:
    """Return what the reason of a failed file tells of: one of TROUBLE, None for damage that is told as such."""
    if "ended the process" in reason:
        return "hang" if "no further" in reason else "crash"
    if "MemoryError" in reason or "allocate" in reason:
        return "memory"
    return "escaped" if _EXCEPTION.match(reason) else None


def spent() -> float:
    """Return the seconds that a processor has worked for this process and its readers."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def fuzz(
    adapter: registry.Adapter, corpus: list[Input], seconds: float, seed: int, keep: Path | None, turn: int = 0
) -> Tally:
    """Read mutated files of one adapter for a while, from a turn on."""
    tally = Tally()
    contents = [content for _, content in corpus]
    began = spent()
    while spent() < began + seconds:
        chance = random.Random(f"{adapter.NAME} {seed} {turn}")
        turn += 1
        inputs = [(chance.choice(corpus)[0], mutated(chance, contents)) for _ in range(_TOGETHER)]
        started = spent()
        # By turns: many recognised by what they hold, as in an archive, or one that its owner says is of this source.
        alone = turn % 4 == 0
        read = partial(_alone, adapter) if alone else _together
        inputs = inputs[:1] if alone else inputs
        try:
            findings = list(read(inputs))
        except DatapunkError as exc:
            findings = [(0, None, f"{type(exc).__name__}: {exc.message}")]
        if spent() - started > SLOW_S:
            _time(adapter, read, inputs, tally, keep)
        tally.inputs += len(inputs)
        for ordinal, source, reason in findings:
            tally.read += source == adapter.NAME
            found = trouble(reason)
            if found == "hang" and not _hangs(read, inputs[ordinal]):
                continue
            if found:
                setattr(tally, found, getattr(tally, found) + 1)
                told = f"{source}: {reason[:160]}"
                tally.reasons[told] = tally.reasons.get(told, 0) + 1
                if keep:
                    name, content = inputs[ordinal]
                    kept = f"{adapter.NAME}-{seed}-{turn}-{ordinal}-{found}-{name.rpartition('/')[2]}"
                    (keep / kept).write_bytes(content)
    tally.next_turn = turn
    tally.seconds = round(spent() - began, 1)
    return tally


def _hangs(read: Callable[..., Iterator[Any]], found: Input) -> bool:
    """Read an input again, with more patience: one that a busy machine left no processor is no hang."""
    before = spent()
    try:
        reasons = [reason for _, _, reason in read([found], patience_s=30 * PATIENCE_S)]
    except DatapunkError:
        reasons = []
    return spent() - before > PATIENCE_S or any(trouble(reason) == "hang" for reason in reasons)


def _time(
    adapter: registry.Adapter, read: Callable[[list[Input]], Iterator[Any]], inputs: list[Input], tally: Tally,
    keep: Path | None,
) -> None:  # fmt: skip
    """Find the inputs that take long, in processor time since the machine may be busy, and note the longest."""
    for name, content in inputs:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        list(read([(name, content)]))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)
        tally.slowest_s = max(tally.slowest_s, seconds)
        if seconds > SLOW_S:
            told = f"{name.rpartition('/')[2]} of {len(content)} bytes takes {seconds} s"
            tally.reasons[told] = tally.reasons.get(told, 0) + 1
            tally.hang += seconds > PATIENCE_S
            if keep:
                (keep / f"{adapter.NAME}-slow-{tally.inputs}-{name.rpartition('/')[2]}").write_bytes(content)


def _together(inputs: list[Input], patience_s: float = PATIENCE_S) -> Iterator[tuple[int, str | None, str]]:
    """Read inputs as the members of a zip; yield for each its number, the adapter that took it, and why it failed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, (name, content) in enumerate(inputs):
            archive.writestr(f"{number:03}/{name}", content)
    for frame in read_all(out.getvalue(), "fuzz.zip", None, patience_s):
        if frame.kind == "file":
            # An archive within the archive has several.
            number = int(frame.texts[0][:3])
            yield number, frame.fields["source"], frame.texts[1] if frame.fields["status"] == "failed" else ""


def _alone(
    adapter: registry.Adapter, inputs: list[Input], patience_s: float = PATIENCE_S
) -> Iterator[tuple[int, str | None, str]]:
    name, content = inputs[0]
    for frame in read_all(content, name.rpartition("/")[2], adapter.NAME, patience_s):
        if frame.kind == "file":
            yield 0, frame.fields["source"], frame.texts[1] if frame.fields["status"] == "failed" else ""


def one(job: tuple[str, list[Input], float, int, Path | None, int]) -> dict[str, Any]:
    """Fuzz one adapter, in a process of its own; return its figures."""
    name, corpus, seconds, seed, keep, turn = job
    if not corpus:
        return {"adapter": name, "trouble": "nothing to start from"}
    tally = fuzz(registry.by_name(name), corpus, seconds, seed, keep, turn)
    # Of the largest reader: they are all the children that this process had.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return {"adapter": name, "seeds": len(corpus), "peak_mb": peak, **vars(tally)}


def main(given: list[str]) -> None:
    """Fuzz the adapters, each in a process of its own, so that the memory of its readers can be told."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fuzz_lake")
    parser.add_argument("--seconds", type=float, default=120.0, help="of processor time, for each adapter")
    parser.add_argument("--jobs", type=int, default=1, help="how many adapters are fuzzed at the same time")
    parser.add_argument("--turn", type=int, default=0, help="where to begin: what an earlier run told as next_turn")
    parser.add_argument("--adapter", action="append", choices=registry.names(), metavar="NAME")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder for the inputs that went wrong")
    parser.add_argument("--fixtures", type=Path, default=ROOT.parent / "shared/data/fixtures")
    arguments = parser.parse_args(given)
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    corpus = seeds(arguments.fixtures)
    jobs = [
        (name, corpus[name], arguments.seconds, arguments.seed, arguments.keep, arguments.turn)
        for name in arguments.adapter or registry.names()
    ]
    bad = 0
    with get_context("fork").Pool(arguments.jobs, maxtasksperchild=1) as pool:
        for figures in pool.imap_unordered(one, jobs):
            print(json.dumps(figures), flush=True)
            bad += any(figures.get(trouble) for trouble in (*TROUBLE, "trouble"))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
