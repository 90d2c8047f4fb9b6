"""JSON text that is damaged: every object in it that is whole is found, wherever it begins.

ijson reads what is in order, and ends at the first byte that is not. From there on each brace is taken for the
beginning of an object until one can be read; what lies between two such objects is told as a Rejected. Memory is
bounded, and so is the work: an object of more than 1 MiB is not looked for.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from enum import Enum, auto
from typing import Any, Protocol

import ijson

from datapunk.lake.record import SAMPLE_BYTES, DamagedData, Rejected

_READ_BYTES = 1 << 16
_OBJECT_BYTES = 1 << 20
_OBJECT_FIRST = 1 << 12
# Characters that may be looked through without finding anything: so many, and so many times what was read.
_VAIN_CHARACTERS, _VAIN_TIMES = 128 << 20, 64
# Too deep to be read, so at least that long; none of what begins within is a thing of its own.
_NESTED_DEEPLY = 900
# A JSON text that ends within a literal, a number or an escape breaks this near to its end.
_CUT = 12
_BETWEEN = " \t\r\n,]}"
_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_KEY = re.compile(r'\s*,?\s*"([^"\\]{0,200})"\s*:\s*')
# An object without keys is of no use to anybody.
_BLANKS = 200
_BRACE = re.compile(rf'\{{(?=\s{{0,{_BLANKS - 2}}}")')
_OF_KEY = re.compile(r'"\s*:\s*$')
_KEY_WITHIN = 64
_NEXT_LIST = re.compile(r'"[^"\\]{0,200}"\s*:\s*\[?\s*')
# How many brackets more may be opened than closed; what ijson does, and takes, grows with the square of the depth.
_OPENED_MOST = 1_000
# What Python makes of more digits is an error, and ijson's events crash at it.
_DIGITS_MOST = 4_300
_LONG = re.compile(rb"[0-9]{4301}")
_FIGURES = b"0123456789"
_STRIDE, _BESIDE = 4_096, 64
# Pieces of a value before they grow, and how often they double at most.
_PIECES, _DOUBLED_MOST = 64, 7
_KEYS_FROM = 100
_TELLING_KEYS = 3
# What an object says before its list is not longer.
_OPENING = 1 << 14

Object = dict[str, Any]


class Source(Protocol):
    """The stream of a member: what was read last, what before that, and where reading is."""

    before: bytes
    chunk: bytes
    position: int

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


class TooDeep(ValueError):
    """JSON nested so deeply that nobody wrote it to be read."""


class Shallow:
    """A stream for ijson that refuses to go deep within one value, and numbers without end; it is told by `ended` when
    a value has come."""

    def __init__(self, stream: Source) -> None:
        self._stream = stream
        self._digits = b""
        self._opened = 0
        self._pieces = 0

    def ended(self) -> None:
        """Take note that a value is whole."""
        self._opened = self._pieces = 0

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, or more of a long value. Raises TooDeep, ValueError for a number too long."""
        # ijson looks at a text from its beginning with each piece, which is quadratic if these stay small.
        chunk = self._stream.read(size << min(self._pieces // _PIECES, _DOUBLED_MOST))
        self._pieces += 1
        self._heed_digits(chunk)
        # Brackets in texts count too, but few texts have so many that are not closed.
        self._opened += chunk.count(b"[") + chunk.count(b"{") - chunk.count(b"]") - chunk.count(b"}")
        if self._opened > _OPENED_MOST:
            raise TooDeep
        return chunk

    def _heed_digits(self, chunk: bytes) -> None:
        text = self._digits + chunk if self._digits else chunk
        # A number that is too long covers one of these places and what is on either side of it.
        for at in range(0, len(text), _STRIDE):
            if text[at : at + _BESIDE].isdigit() or text[max(at - _BESIDE, 0) : at].isdigit():
                if _LONG.search(text):
                    raise ValueError(f"more than {_DIGITS_MOST} digits")
                break
        self._digits = text[len(text.rstrip(_FIGURES)) :] if text[-1:].isdigit() else b""


class Keys:
    """The keys of the objects of a list, by which others of it are known."""

    def __init__(self) -> None:
        self._common: frozenset[str] = frozenset()
        self._any: frozenset[str] = frozenset()
        self._seen = 0

    def learn(self, value: Any) -> None:
        """Take an object of the list; the first hundred count."""
        if self._seen < _KEYS_FROM and isinstance(value, dict):
            self._common = self._common & value.keys() if self._seen else frozenset(value)
            self._any |= value.keys()
            self._seen += 1

    def fit(self, value: Object, place: "Place") -> bool:
        """Tell whether an object is of the list: it has most of the keys that all had, or one that any had.

        Where no object was met, each fits. Behind a comma and an object of the list no key is asked for; behind a key,
        as parts of objects are, all are.
        """
        shared = len(self._common & value.keys())
        if place is Place.OF_KEY:
            return shared == len(self._common) >= _TELLING_KEYS
        if place is Place.NEXT:
            return True
        return 2 * shared > len(self._common) if self._common else not self._seen or not self._any.isdisjoint(value)


class Place(Enum):
    """Where an object is: behind another one and a comma, as the value of a key, or anywhere else."""

    NEXT = auto()
    OF_KEY = auto()
    LOOSE = auto()


Pick = Callable[[Object, Place], Iterable[Any] | None]
Open = Callable[[Object, str], bool]


def recovering(
    stream: Source, values: Iterator[Any], pick: Pick, *,
    identity: Callable[[Any], Any] = lambda value: value, opened: Open = lambda _, __: False,
) -> Iterator[Any]:  # fmt: skip
    """Yield `values`, which ijson reads from `stream`; behind a broken place what `pick` takes from whole objects, and
    a Rejected for each stretch that holds none.

    `pick` gets an object and its place; it returns None for one that is none of the list, whose parts are looked at
    then. `identity` is what the same value found again is known by. `opened` is told of an object that cannot be read
    as a whole: its first keys, and the one behind them, whose value is a list; it returns whether it knows that list.
    """
    older: list[Any] = []
    latest: list[Any] = []
    mark = -1
    try:
        for value in values:
            if stream.position != mark:
                mark = stream.position
                older, latest = latest, []
            latest.append(value)
            yield value
    except ijson.JSONError as exc:
        broken = _broken(stream, exc, first=not latest)
    except TooDeep:
        broken = _told(stream, "nested too deeply")
    except (ArithmeticError, ValueError) as exc:
        # A number that Python does not hold.
        broken = _told(stream, f"a number out of bounds: {exc!r}")
    else:
        return
    known = [identity(value) for value in (*older, *latest)]
    rest = _Rest(stream, known, identity, broken.byte_offset or 0).values(pick, opened)
    # Behind the end of the list nothing is missed: what is around it ends, or another file begins.
    first = next(rest, None)
    if first is None and "trailing garbage" in broken.reason and latest:
        return
    yield broken
    if first is not None:
        yield first
    yield from rest


def _told(stream: Source, reason: str) -> Rejected:
    return Rejected(reason=f"broken JSON: {reason}", byte_offset=stream.position, sample=stream.chunk[:SAMPLE_BYTES])


class _Rest:
    """What is left of a text behind a broken place; looking begins before it, since an error shows late."""

    def __init__(self, stream: Source, known: list[Any], identity: Callable[[Any], Any], break_at: int) -> None:
        self._stream = stream
        # What was yielded already and comes before the break.
        self._known = known
        self._break_at = break_at
        self._identity = identity
        # A character a byte, so that positions are the same.
        self._text = (stream.before + stream.chunk).decode("latin-1")
        self._offset = stream.position - len(self._text)
        self._at = 0
        # Where the stretch since the latest object begins, and what of it has left the text.
        self._from = 0
        self._gone = ""
        self._since = self._offset
        # Where looking goes on behind something too deep.
        self._behind = 0
        self._picked = self._ended = False
        self._damage: DamagedData | None = None

    def values(self, pick: Pick, opened: Open) -> Iterator[Any]:
        """Yield what is picked and was not yielded before the error, and a Rejected for each stretch but the first."""
        tell = False
        vain = 0
        while (start := self._next()) is not None:
            if self._offset + start >= self._break_at:
                self._known.clear()
            self._behind = 0
            value, end = self._object(start)
            picked = pick(value, self._place(start)) if value is not None else None
            if picked is None:
                # Objects within objects that never end are each looked through up to the same place.
                vain += end - start
                self._at = max(start + 1, self._behind)
                if value is None and (opening := _opening(self._text, start)) and opened(*opening[:2]):
                    if tell and (missed := self._missed(start)):
                        yield missed
                    self._pass(opening[2])
                if vain > _VAIN_CHARACTERS + _VAIN_TIMES * (self._offset + start):
                    yield Rejected(
                        reason="too much broken JSON: the rest is left out", byte_offset=self._offset + start
                    )
                    return
                continue
            fresh = [one for one in picked if not self._is_known(one)]
            if fresh:
                if tell and (missed := self._missed(start)):
                    yield missed
                yield from fresh
                tell = True
            self._pass(end)
        if tell and (missed := self._missed(len(self._text), last=True)):
            yield missed
        if self._damage is not None:
            raise self._damage

    def _pass(self, end: int) -> None:
        """Go on behind what was read; a new stretch begins there."""
        self._picked = True
        self._at = self._from = end
        self._gone = ""
        self._since = self._offset + end

    def _next(self) -> int | None:
        """Return where the next object may begin; None at the end."""
        while (brace := _BRACE.search(self._text, self._at)) is None:
            self._at = max(self._at, len(self._text) - _BLANKS)
            if not self._more(1):
                return None
        start = brace.start()
        if start > _READ_BYTES:
            self._drop(start)
            start = 0
        return start

    def _object(self, start: int) -> tuple[Object | None, int]:
        """Return the object that begins there, None where there is none, and how far it was read."""
        size = _OBJECT_FIRST
        while True:
            # An error costs as much as the text is long, and most show soon.
            part = self._text[start : start + size]
            try:
                value, length = _DECODER.raw_decode(part)
            except RecursionError:
                self._behind = start + _NESTED_DEEPLY
                return None, start + len(part)
            except json.JSONDecodeError as exc:
                cut = exc.pos >= len(part) - _CUT or exc.msg.startswith("Unterminated string")
                if cut and size < _OBJECT_BYTES and (len(part) == size or self._more(size)):
                    size *= 4
                    continue
                return None, start + (len(part) if cut else exc.pos)
            except (ValueError, ArithmeticError):
                return None, start + 1
            piece = part[:length].encode("latin-1")
            # Most are ASCII; others are read as what they are, and escapes as ijson reads them.
            exact = value if piece.isascii() and not _SURROGATE.search(piece) else _exact(piece)
            return exact, start + length

    def _more(self, size: int) -> bool:
        """Add `size` bytes or more to the text; False where there are none."""
        parts = [self._text]
        while size > 0 and not self._ended:
            try:
                more = self._stream.read(_READ_BYTES)
            except DamagedData as exc:
                more, self._damage = b"", exc
            parts.append(more.decode("latin-1"))
            size, self._ended = size - len(more), not more
        self._text = "".join(parts)
        return any(parts[1:])

    def _drop(self, size: int) -> None:
        """Forget the beginning of the text, except for what is to be told of a stretch."""
        self._gone += self._text[self._from : size][: SAMPLE_BYTES - len(self._gone)]
        self._text = self._text[size:]
        self._offset += size
        self._at = max(0, self._at - size)
        self._from = 0

    def _place(self, start: int) -> Place:
        if _OF_KEY.search(self._text, max(0, start - _KEY_WITHIN), start):
            return Place.OF_KEY
        follows = self._picked and not self._gone and self._text[self._from : start].strip() == ","
        return Place.NEXT if follows else Place.LOOSE

    def _is_known(self, one: Any) -> bool:
        if not self._known:
            return False
        try:
            self._known.remove(self._identity(one))
        except ValueError:
            return False
        return True

    def _missed(self, end: int, *, last: bool = False) -> Rejected | None:
        """Return what to tell of the stretch that ends there: None where it only parts two objects, or ends a list."""
        stretch = self._gone + self._text[self._from : end][: SAMPLE_BYTES - len(self._gone)]
        begin = stretch.lstrip(_BETWEEN)
        if not begin or _NEXT_LIST.fullmatch(begin) or (last and stretch.lstrip().startswith("]")):
            return None
        return Rejected(
            reason="broken JSON: no object that can be read",
            byte_offset=self._since + len(stretch) - len(begin),
            sample=begin.encode("latin-1"),
        )


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)


def _exact(piece: bytes) -> Object | None:
    """Return an object as ijson reads it; None where it is not UTF-8."""
    try:
        value: Object = next(ijson.items(b"[" + piece + b"]", "item"))
    except (ijson.JSONError, ValueError, ArithmeticError):
        return None
    return value


def _opening(text: str, start: int) -> tuple[Object, str, int] | None:
    """Return the keys that an object begins with, as far as they can be read, the one behind them that is of a list,
    and where that begins."""
    text = text[start : start + _OPENING]
    at = 1
    while match := _KEY.match(text, at):
        if text[match.end() : match.end() + 1] == "[":
            found = _exact((text[:at] + "}").encode("latin-1"))
            key = match[1].encode("latin-1").decode("utf-8", "replace")
            return None if found is None else (found, key, start + match.end() + 1)
        try:
            _, at = _DECODER.raw_decode(text, match.end())
        except (ValueError, ArithmeticError, RecursionError):
            return None
    return None


def _broken(stream: Source, exc: Exception, *, first: bool) -> Rejected:
    """Return what to tell of an error: ijson shows the text around it, which may recur.

    `first` says that nothing was read from the latest chunk before the error.
    """
    message = exc.args[0] if exc.args else str(exc)
    raw = message.encode("utf-8", "replace") if isinstance(message, str) else bytes(message)
    reason, _, context = raw.partition(b"\n")
    chunk = stream.chunk
    # yajl shows 30 characters on either side of the error, line ends as spaces, with the error in column 40.
    shown = context.split(b"\n")[0]
    before = shown[:40].lstrip()
    plain = chunk.translate(_LINE_ENDS)
    find = plain.find if first else plain.rfind
    found = -1
    if before and (found := find(before + shown[40:])) < 0:
        found = find(before)
    at = found + len(before) if found >= 0 else len(chunk)
    return Rejected(
        reason="broken JSON: " + reason.decode("utf-8", "replace").strip().rstrip("."),
        byte_offset=stream.position - len(chunk) + at,
        sample=chunk[at : at + SAMPLE_BYTES],
    )
