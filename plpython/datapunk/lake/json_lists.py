"""Records out of lists that lie inside JSON objects which tell about them, as the messages of a chat do."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import ijson

from datapunk.lake.json_damage import Keys, Place, Shallow, recovering
from datapunk.lake.record import Rejected
from datapunk.lake.stream import JSON_BYTES, MemberStream

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
    lists = _Lists(stream, tuple(paths), frozenset(about), marks)
    return recovering(stream, lists.values(), lists.pick, identity=lambda item: item.value, opened=lists.open)


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
        self._keys: dict[str, Keys] = {}

    def values(self) -> Iterator[Listed]:
        """Yield the items of a text that is in order."""
        shallow = Shallow(self._stream)
        events = ijson.parse(shallow, buf_size=JSON_BYTES)
        for prefix, event, value in events:
            if (path := self._items.get(prefix)) is not None:
                # Inside an item no path of a list occurs: an item is taken whole.
                yield self._item(path, _built(events, event, value))
                shallow.ended()
            elif event == "map_key":
                continue
            elif (key := self._told.get(prefix)) is not None:
                self._about = {**self._about, key: _built(events, event, value)}
            elif event == "start_map" and prefix in self._holders:
                self._about = {}

    def pick(self, value: dict[str, Any], place: Place) -> list[Listed] | None:
        """Return the items that a whole object behind a break is or holds in its lists; None for any other object."""
        found = [(self._lists[key], inner) for key, inner in value.items() if key in self._lists]
        lists = [(path, inner) for path, inner in found if isinstance(inner, list)]
        if lists:
            self._begin(value)
            return [self._item(path, one) for path, inner in lists for one in inner]
        path = self._like(value, place)
        return None if path is None else [self._item(path, value)]

    def open(self, begin: dict[str, Any], key: str) -> bool:
        """Take what an object begins with before its list `key`; False where that is none of the lists."""
        path = self._lists.get(key)
        if path is None:
            return False
        self._begin(begin)
        self._latest = path
        return True

    def _begin(self, holder: dict[str, Any]) -> None:
        self._about = {key: holder[key] for key in self._told.values() if key in holder}

    def _like(self, found: dict[str, Any], place: Place) -> str | None:
        """Return the path of the list that an object is of by its keys; None where there is none."""
        if self._marks and place is not Place.OF_KEY:
            return next((path for path, keys in self._marks.items() if not keys.isdisjoint(found)), None)
        if self._marks or not self._keys:
            return None if self._marks or place is Place.OF_KEY else self._latest
        # What follows an item without more is of no other list.
        place = Place.LOOSE if place is Place.NEXT else place
        paths = sorted(self._keys, key=lambda path: path != self._latest)
        return next((path for path in paths if self._keys[path].fit(found, place)), None)

    def _item(self, path: str, value: Any) -> Listed:
        self._latest = path
        if isinstance(value, dict):
            self._keys.setdefault(path, Keys()).learn(value)
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
