"""Exports of any size for benchmarks: My Activity as JSON and as HTML, Records.json and an mbox.

They are in the layouts that Google writes, with invented texts whose words are as unevenly common as those of a
language, so that the lexical index has what it has in use. Equal arguments give equal bytes.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from typing import Any, Literal
from urllib.parse import quote_plus

Layout = Literal["2026", "older"]

_SYLLABLES = ("ka", "lo", "mi", "ter", "sun", "ve", "ra", "plo", "ning", "do", "est", "fa", "gri", "ho", "ju", "ber")
_WORDS = 20_000
_START = datetime(2015, 1, 1, tzinfo=UTC)
_E7 = 10_000_000
_PRODUCTS = ("Search", "YouTube", "Chrome")


class _Texts:
    """Words by Zipf's law."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        words = {"".join(self.chance.choices(_SYLLABLES, k=self.chance.randint(1, 5))) for _ in range(_WORDS)}
        # Common words are short.
        self._words = sorted(words, key=lambda word: (len(word), word))
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self._words) + 1)))

    def some(self, least: int, most: int) -> str:
        return " ".join(self.chance.choices(self._words, cum_weights=self._weights, k=self.chance.randint(least, most)))

    def token(self, size: int) -> str:
        return f"{self.chance.getrandbits(size * 4):0{size}x}"


def entries(seed: int = 7) -> Iterator[dict[str, Any]]:
    """Yield entries of My Activity without end: searches, visits and videos, some seconds apart."""
    texts = _Texts(seed)
    at = _START
    while True:
        at += timedelta(seconds=texts.chance.randint(2, 90), milliseconds=texts.chance.randrange(1_000))
        words = texts.some(2, 9)
        product = texts.chance.choices(_PRODUCTS, (4, 3, 3))[0]
        entry: dict[str, Any] = {"header": product}
        if product == "Search":
            entry |= {
                "title": f"Searched for {words}",
                "titleUrl": f"https://www.google.com/search?q={quote_plus(words)}",
            }
        elif product == "Chrome":
            entry |= {"title": f"Visited {words}", "titleUrl": f"https://{texts.some(1, 1)}.example/{texts.token(8)}"}
        else:
            channel = {"name": texts.some(1, 2), "url": f"https://www.youtube.com/channel/UC{texts.token(22)}"}
            entry |= {
                "title": f"Watched {words}", "titleUrl": f"https://www.youtube.com/watch?v={texts.token(11)}",
                "subtitles": [channel],
            }  # fmt: skip
        yield entry | {"time": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z", "products": [product]}


def activity_json(path: Path, records: int) -> int:
    """Write My Activity as JSON; return the number of entries."""
    opening = "["
    with path.open("w", encoding="utf-8") as file:
        for entry in islice(entries(), records):
            file.write(opening + json.dumps(entry, ensure_ascii=False, indent=2))
            opening = ", "
        file.write("]")
    return records


def activity_html(path: Path, layout: Layout, *, records: int | None = None, size: int | None = None) -> int:
    """Write My Activity as HTML with so many entries or bytes; return the number of entries.

    Since 2026 the time of an entry is followed by a <br>; before, it ended its cell.
    """
    end = "<br>" if layout == "2026" else ""
    written = count = 0
    with path.open("w", encoding="utf-8") as file:
        written += file.write(
            '<html><head><title>My Activity History</title><style type="text/css">.mdl-grid{display:flex}</style>'
            '</head><body><div class="mdl-grid">'
        )
        for entry in islice(entries(), records):
            if size is not None and written >= size:
                break
            written += file.write(_card(entry, end))
            count += 1
        file.write("</div></body></html>")
    return count


def _card(entry: dict[str, Any], end: str) -> str:
    verb, _, what = entry["title"].partition(" ")
    if verb == "Searched":
        verb, what = "Searched for", what.removeprefix("for ")
    at = datetime.fromisoformat(entry["time"])
    time = f"{at:%b} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M:%S}\u202f{at:%p} UTC"
    links = [(f"{verb}\u00a0", entry["titleUrl"], what)]
    links += [("", line["url"], line["name"]) for line in entry.get("subtitles", ())]
    lines = "".join(f'{before}<a href="{escape(url)}">{escape(name)}</a><br>' for before, url, name in links)
    cell = "content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1"
    return (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        '<div class="header-cell mdl-cell mdl-cell--12-col">'
        f'<p class="mdl-typography--title">{entry["header"]}<br></p></div><div class="{cell}">{lines}{time}{end}</div>'
        f'<div class="{cell} mdl-typography--text-right"></div>'
        '<div class="content-cell mdl-cell mdl-cell--12-col mdl-typography--caption">'
        f"<b>Products:</b><br>&emsp;{entry['products'][0]}<br></div></div></div>"
    )


def records_json(path: Path, *, records: int | None = None, size: int | None = None) -> int:
    """Write a location history with so many points or bytes; return the number of points."""
    chance = Random(7)
    at = _START
    latitude, longitude = 38.72, -9.14
    written = count = 0
    with path.open("w", encoding="ascii") as file:
        written += file.write('{\n  "locations": [')
        while (records is None or count < records) and (size is None or written < size):
            at += timedelta(milliseconds=chance.randint(5_000, 240_000))
            latitude = min(max(latitude + chance.gauss(0, 0.001), -80), 80)
            longitude = min(max(longitude + chance.gauss(0, 0.001), -179), 179)
            point = {
                "latitudeE7": int(latitude * _E7), "longitudeE7": int(longitude * _E7),
                "accuracy": chance.randint(3, 60), "altitude": chance.randint(0, 300), "source": "WIFI",
                "deviceTag": -80241446, "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
            }  # fmt: skip
            body = ",\n    ".join(f'"{key}": {json.dumps(value)}' for key, value in point.items())
            written += file.write(f"{', ' if count else ''}{{\n    {body}\n  }}")
            count += 1
        file.write("]\n}")
    return count


def mbox(path: Path, size: int) -> int:
    """Write a mailbox of so many bytes as Gmail does; return the number of messages. One in fifty has an attachment."""
    texts = _Texts(7)
    at = _START
    written = count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        while written < size:
            at += timedelta(seconds=texts.chance.randint(30, 3_000))
            written += file.write(_letter(texts, at, count))
            count += 1
    return count


def _letter(texts: _Texts, at: datetime, number: int) -> str:
    sender, subject = texts.some(1, 1), texts.some(2, 8)
    paragraphs = [texts.some(20, 90) for _ in range(texts.chance.randint(1, 5))]
    boundary = f"000000000000{number:016x}"
    plain = "\n\n".join(paragraphs)
    rich = "\n".join(f'<div style="margin:0;font-family:Arial">{paragraph}</div>' for paragraph in paragraphs)
    parts = [
        f'Content-Type: text/plain; charset="UTF-8"\n\n{plain}\n',
        f'Content-Type: text/html; charset="UTF-8"\n\n{rich}\n',
    ]
    if number % 50 == 0:
        lines = "\n".join(texts.token(76) for _ in range(3_000))
        parts.append(
            f'Content-Type: application/pdf; name="{sender}.pdf"\n'
            f'Content-Disposition: attachment; filename="{sender}.pdf"\n'
            f"Content-Transfer-Encoding: base64\n\n{lines}\n"
        )
    body = "".join(f"--{boundary}\n{part}" for part in parts)
    text = (
        f"From {number + 10**18}@xxx {at:%a %b %d %H:%M:%S} +0000 {at.year}\nX-GM-THRID: {number + 10**18}\n"
        f"X-Gmail-Labels: Inbox,Opened\nDelivered-To: me@a.example\nMIME-Version: 1.0\n"
        f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\nMessage-ID: <{number}.{texts.token(12)}@a.example>\n"
        f"Subject: {subject}\nFrom: {sender} <{sender}@a.example>\nTo: me <me@a.example>\n"
        f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n{body}--{boundary}--\n\n'
    )
    return text.replace("\n", "\r\n")
