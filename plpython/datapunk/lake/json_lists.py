"""Records out of lists that lie inside JSON objects which tell about them, as the messages of a chat do."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import ijson

from datapunk.lake.record import Rejected
from datapunk.lake.stream import CAREFUL_BYTES, JSON_BYTES, KEYS_FROM, MemberStream, recovering

_Event = tuple[str, str, Any]
_NO_MARKS: Mapping[str, Iterable[str]] = {}


class Listed(NamedTuple):
    """An item of a list: the list's path, what the object around the list says before it, and the item."""

    path: str
    about: Mapping[str, Any]
    value: Any


def listed(
    stream: MemberStream, paths: Iterable[str], about: Iterable[str], marks: Mapping[str, Iterable[str]] = _NO_MARKS
) -> Iterator[Listed | Rejected]:
    """Yield the items of the lists at `paths` (as ijson writes them), one in memory at a time.

    Each comes with the values of the keys `about` of the object around its list, as far as they precede the list. A
    place where the text breaks is a Rejected; reading goes on behind it with the next object that has the keys which
    all items before had, or that holds such a list itself. Where `marks` names keys of which each item of a path has
    one, these decide instead, so that lists which begin behind the break are known too.
    """
    return recovering(stream, _Lists(stream, tuple(paths), frozenset(about), marks).values)


class _Lists:
    """What is known while one text is read."""

    def __init__(
        self, stream: MemberStream, paths: tuple[str, ...], about: frozenset[str], marks: Mapping[str, Iterable[str]]
    ) -> None:
        self._stream = stream
        self._marks = {path: frozenset(keys) for path, keys in marks.items()}
        self._items = {f"{path}.item": path for path in paths}
        self._holders = {path.rpartition(".")[0] for path in paths}
        self._lists = {path.rpartition(".")[2]: path for path in paths}
        self._told = {f"{holder}.{key}" if holder else key: key for holder in self._holders for key in about}
        self._about: dict[str, Any] = {}
        self._latest = paths[0]
        self._keys: dict[str, frozenset[str]] = {}
        self._seen = 0

    def values(self, resumed: bool) -> Iterator[Listed]:
        """Yield the items of the text from where the stream is."""
        events = ijson.parse(self._stream, buf_size=CAREFUL_BYTES if resumed else JSON_BYTES)
        return self._after_a_break(events) if resumed else self._from_the_start(events)

    def _from_the_start(self, events: Iterator[_Event]) -> Iterator[Listed]:
        for prefix, event, value in events:
            if (path := self._items.get(prefix)) is not None:
                # Inside an item no path of a list occurs: an item is taken whole.
                yield self._item(path, _built(events, event, value))
            elif event == "map_key":
                continue
            elif (key := self._told.get(prefix)) is not None:
                self._about = {**self._about, key: _built(events, event, value)}
            elif event == "start_map" and prefix in self._holders:
                self._about = {}

    def _after_a_break(self, events: Iterator[_Event]) -> Iterator[Listed]:
        """Yield the items of a list that begins anywhere; an object of it may also hold one of the lists."""
        inner: tuple[str, str] | None = None
        for prefix, event, value in events:
            if inner is not None and prefix == inner[0]:
                yield self._item(inner[1], _built(events, event, value))
            elif prefix == "item" and event == "start_map":
                found: dict[str, Any] = {}
                path = self._holder(events, found)
                if path is not None:
                    inner = (f"item.{path.rpartition('.')[2]}.item", path)
                    self._about = {key: found[key] for key in self._told.values() if key in found}
                elif (path := self._like(found)) is not None:
                    yield self._item(path, found)

    def _holder(self, events: Iterator[_Event], found: dict[str, Any]) -> str | None:
        """Read an object into `found`; where it turns out to hold one of the lists, stop there and return its path."""
        key = ""
        for _, event, value in events:
            if event == "map_key":
                key = value
            elif event == "end_map":
                return None
            elif event == "start_array" and key in self._lists:
                return self._lists[key]
            else:
                found[key] = _built(events, event, value)
        return None

    def _like(self, found: dict[str, Any]) -> str | None:
        """Return the path of the list whose items have their common keys in `found`; None where there is none."""
        if self._marks:
            return next((path for path, keys in self._marks.items() if not keys.isdisjoint(found)), None)
        if not self._keys:
            return self._latest
        for path in sorted(self._keys, key=lambda path: path != self._latest):
            if self._keys[path] <= found.keys():
                return path
        return None

    def _item(self, path: str, value: Any) -> Listed:
        self._latest = path
        if self._seen < KEYS_FROM and isinstance(value, dict):
            self._seen += 1
            self._keys[path] = self._keys[path] & value.keys() if path in self._keys else frozenset(value)
        return Listed(path, self._about, value)


def _built(events: Iterator[_Event], event: str, value: Any) -> Any:
    """Return the value that begins with an event of ijson, taking the events up to its end."""
    if event == "start_map":
        root: Any = {}
    elif event == "start_array":
        root = []
    else:
        return value
    stack: list[Any] = [root]
    keys: list[str] = [""]
    top = root
    for _, name, found in events:
        if name == "map_key":
            keys[-1] = found
            continue
        if name in ("end_map", "end_array"):
            stack.pop()
            keys.pop()
            if not stack:
                return root
            top = stack[-1]
            continue
        child: Any = {} if name == "start_map" else [] if name == "start_array" else found
        if type(top) is dict:
            top[keys[-1]] = child
        else:
            top.append(child)
        if name in ("start_map", "start_array"):
            stack.append(child)
            keys.append("")
            top = child
    return root
