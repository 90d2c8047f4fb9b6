"""Splitting long texts into chunks that the embedding model reads whole, at the borders that writers set."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from datapunk.cortex.tokens import TokenCounter

#: Share of a chunk that must be filled before a heading, a message or a paragraph starts the next one.
_FILLED = {"heading": 0.35, "message": 0.6, "paragraph": 0.75}
#: A heading and a head longer than this share of the limit are cut: the text itself is what counts.
_HEAD_SHARE = 0.4
_LONGEST_HEADING = 80
#: Characters of a word that are looked at together when it is cut.
_LONGEST_PIECE = 1000
#: What joins a unit to the one before it; all others begin a line.
_JOINTS = {"sentence": " ", "cut": ""}

_HEADING = re.compile(r"#{1,6}\s+\S|[0-9IVX]+(?:\.[0-9]+)*\.?\s+[A-ZÄÖÜ]\w*(?:\s+\S+){0,8}$")
_UNDERLINE = re.compile(r"(?:={3,}|-{3,}|~{3,})$")
_LIST_ITEM = re.compile(r"(?:[-*+•‣◦–]|\(?\d{1,3}[.)]|[a-zA-Z][.)])\s+\S")
# How messages in a conversation and quoted mails begin: a time and a name, or the line that announces a quotation.
_MESSAGE = re.compile(
    r"[\[(<]?(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4},?\s+)?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?[\])>]?\s*[-–]?\s*\S.{0,60}?[:>]\s"
    r"|(?:On|Am|Le|El)\s.{6,120}:$|-{2,}\s?\w[\w ]{3,40}-{2,}$|(?:From|Von|De):\s"
)
# What ends a sentence, with a quotation's mark or a bracket behind it, and the blanks after it.
_SENTENCE = re.compile(r"([.!?…][\"'”’)\]]?)\s+|[。！？]")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Unit:
    """What stays together if it can: a sentence, a list item, a message's line."""

    text: str
    tokens: int
    #: What it begins: heading, message, paragraph, item, line, sentence, or nothing where a word was cut.
    border: str


def split_text(head: str | None, body: str | None, counter: TokenCounter) -> list[str]:
    """Split `body` into chunks of at most `counter.limit` tokens, their heads counted.

    A chunk ends with a section, a message, a paragraph, a list item or at least a sentence; only a sentence that is
    longer than a chunk is cut, between words where it has any. Each chunk starts with `head` (title, sender, date) and
    the heading that it stands under. Returns an empty list for a text without anything but white space.
    """
    prefix = _shortened((head or "").replace("\x00", "").strip(), counter)
    room = counter.limit - counter.count(prefix)
    chunks: list[str] = []
    current: list[_Unit] = []
    heading = ""
    heading_tokens = tokens = 0
    for unit in _units((body or "").replace("\x00", ""), room, counter):
        share = _FILLED.get(unit.border)
        if current and (tokens + unit.tokens > room or (share is not None and tokens >= share * room)):
            chunks.append(_joined(prefix, current))
            current, tokens = [], 0
            if heading and unit.border != "heading" and heading_tokens + unit.tokens <= room:
                current, tokens = [_Unit(text=heading, tokens=heading_tokens, border="line")], heading_tokens
        if unit.border == "heading":
            heading, heading_tokens = unit.text, unit.tokens
            if heading_tokens > _HEAD_SHARE * room:
                heading, heading_tokens = "", 0
        current.append(unit)
        tokens += unit.tokens
    if current:
        chunks.append(_joined(prefix, current))
    return chunks or ([prefix] if prefix else [])


def _shortened(head: str, counter: TokenCounter) -> str:
    most = int(counter.limit * _HEAD_SHARE)
    while counter.count(head) > most:
        head = head[: int(len(head) * min(0.9, most / counter.count(head)))].rstrip()
    return head


def _joined(prefix: str, units: list[_Unit]) -> str:
    parts = [prefix, "\n"] if prefix else []
    for number, unit in enumerate(units):
        if number:
            parts.append(_JOINTS.get(unit.border, "\n"))
        parts.append(unit.text)
    return "".join(parts)


def _units(body: str, room: int, counter: TokenCounter) -> Iterator[_Unit]:
    for border, line in _lines(body):
        tokens = counter.count(line)
        if tokens <= room // 4:
            yield _Unit(text=line, tokens=tokens, border=border)
            continue
        for number, sentence in enumerate(_sentences(line)):
            for part_number, (joint, part, size) in enumerate(_parts(sentence, room, counter)):
                first = number == 0 and part_number == 0
                yield _Unit(text=part, tokens=size, border=border if first else joint)


def _sentences(line: str) -> Iterator[str]:
    start = 0
    # Looking for what ends one is several times as fast as looking behind each character.
    for match in _SENTENCE.finditer(line):
        yield line[start : match.end(1) if match[1] else match.end()]
        start = match.end()
    yield line[start:]


def _lines(body: str) -> Iterator[tuple[str, str]]:
    """Yield lines as paragraphs hold them, with what each begins; lines that a mail program wrapped are joined."""
    after_blank = True
    wrapped: list[str] = []
    wrapped_border = "paragraph"
    lines = body.splitlines()
    for number, raw in enumerate(lines):
        line = " ".join(raw.split())
        if not line:
            after_blank = True
            continue
        follower = lines[number + 1].strip() if number + 1 < len(lines) else ""
        border = _border(line, follower, after_blank=after_blank)
        if _UNDERLINE.match(line) and not after_blank:
            continue
        if wrapped and (border != "line" or not _is_wrapped(wrapped[-1])):
            yield wrapped_border, " ".join(wrapped)
            wrapped = []
        if not wrapped:
            wrapped_border = border
        wrapped.append(line)
        after_blank = False
    if wrapped:
        yield wrapped_border, " ".join(wrapped)


def _border(line: str, follower: str, *, after_blank: bool) -> str:
    if len(line) <= _LONGEST_HEADING and (
        _HEADING.match(line)
        or (_UNDERLINE.match(follower) and len(follower) >= len(line) // 2)
        or (after_blank and not follower and line[-1] not in ".!?,;:" and line[0].isupper())
    ):
        return "heading"
    if _MESSAGE.match(line):
        return "message"
    if _LIST_ITEM.match(line):
        return "item"
    return "paragraph" if after_blank else "line"


def _is_wrapped(line: str) -> bool:
    """Whether a line ends where the page was full rather than where the writer ended it."""
    return len(line) >= 55 and line[-1] not in ".!?:"


def _parts(sentence: str, room: int, counter: TokenCounter) -> Iterator[tuple[str, str, int]]:
    """Yield what is no longer than a chunk, with its tokens, and whether it begins a word or goes on with one that was
    cut."""
    if (whole := counter.count(sentence)) <= room:
        if sentence.strip():
            yield "sentence", sentence, whole
        return
    current: list[str] = []
    tokens = 0
    for word in sentence.split():
        size = counter.count(word)
        if current and tokens + size > room:
            yield "sentence", " ".join(current), tokens
            current, tokens = [], 0
        if size <= room:
            current.append(word)
            tokens += size
            continue
        for number, piece in enumerate(_cut(word, room, counter)):
            yield "cut" if number else "sentence", piece, counter.count(piece)
    if current:
        yield "sentence", " ".join(current), tokens


def _cut(word: str, room: int, counter: TokenCounter) -> Iterator[str]:
    """Cut a word that is longer than a chunk, as texts in scripts without spaces are."""
    start = 0
    while start < len(word):
        size = min(len(word) - start, _LONGEST_PIECE)
        while size > 1 and counter.count(word[start : start + size]) > room:
            size = size * 3 // 4
        yield word[start : start + size]
        start += size
