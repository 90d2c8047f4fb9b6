"""The few words of a text that show why it was found."""

import re

LENGTH = 200
_WORD = re.compile(r"\w+")


def snippet(text: str, query: str, *, length: int = LENGTH) -> str:
    """Return the stretch of `text` that holds most of the query's words: one line of at most `length` characters.

    Words count as the same when their first five letters are, which stands in for stemming in any language.
    """
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    wanted = {word[:5].lower() for word in _WORD.findall(query) if len(word) > 2}
    hits = [(match.start(), key) for match in _WORD.finditer(line) if (key := match[0][:5].lower()) in wanted]
    start = 0
    if hits:
        counts = [len({key for at, key in hits if first <= at < first + length - 40}) for first, _ in hits]
        start = max(0, hits[counts.index(max(counts))][0] - 30)
    start = min(start, len(line) - length + 1)
    return _cut(line, start, length)


def _cut(line: str, start: int, length: int) -> str:
    """Cut at word borders where one is near, with an ellipsis where text is left out."""
    if start > 0:
        space = line.find(" ", start, start + 30)
        start = space + 1 if space >= 0 else start
    room = length - (2 if start else 0)
    if len(line) - start <= room:
        return f"… {line[start:]}" if start else line
    end = start + room - 2
    space = line.rfind(" ", end - 30, end)
    end = space if space >= 0 else end
    return f"{'… ' if start else ''}{line[start:end]} …"
