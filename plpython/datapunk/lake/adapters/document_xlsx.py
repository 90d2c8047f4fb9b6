"""Spreadsheets (XLSX) as documents: the rows of each sheet, with what formulas came to."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from datapunk.clock import zone
from datapunk.lake.documents import aware, document
from datapunk.lake.packages import Package, Unreadable
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_bytes
from datapunk.lake.stream import MemberStream

NAME = "document_xlsx"
VERSION = "1"

_MIME_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BOOK = "xl/workbook.xml"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DAYS_FROM = datetime(1899, 12, 30)
# The built-in formats of dates and times, then marks of such a format that somebody made.
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_DATE_MARKS = re.compile(r"[ymdhs]", re.IGNORECASE)
_NO_MARKS = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|\\.|General", re.IGNORECASE)


def claims(member: str, head: bytes) -> float:
    """Claim a package with the main part of a spreadsheet."""
    named = member.casefold().endswith((".xlsx", ".xlsm"))
    if not head:
        return BY_NAME if named else 0.0
    if not head.startswith(b"PK\x03\x04"):
        return 0.0
    return SURE if _BOOK.encode() in head else BY_NAME if named else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.xlsx",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the document: a row is a line, its cells are parted by tabs."""
    raw = stream.head
    try:
        package = Package(stream, context)
        raw = package.raw
        yield _document(package, context)
    except Unreadable as exc:
        yield rejected_bytes(str(exc), raw, 0)


def _document(package: Package, context: Context) -> Record | Rejected:
    strings, dates = _strings(package), _date_styles(package)
    texts, names, errors = [], [], []
    for name, part in _sheets(package):
        names.append(name)
        try:
            rows = "\n".join(_rows(package.xml(part), strings, dates))
        except Unreadable as exc:
            errors.append(str(exc))
            continue
        if rows:
            texts.append(f"{name}\n{rows}")
    if errors and not texts:
        raise Unreadable(errors[0])
    title, author, created = _about(package)
    at, zone_source = aware(created, zone(context.timezone))
    return document(
        source=NAME, member=context.member, mime_type=_MIME_TYPE, text="\n\n".join(texts), raw=package.raw,
        title=title, at=at, zone_source=zone_source,
        attributes={"sheets": names, "author": author, "errors": errors},
    )  # fmt: skip


def _sheets(package: Package) -> Iterator[tuple[str, str]]:
    """Yield the name and the part of each sheet in order."""
    relations = package.xml("xl/_rels/workbook.xml.rels") if "xl/_rels/workbook.xml.rels" in package.names else ()
    parts = {relation.get("Id"): relation.get("Target") or "" for relation in relations}
    for number, sheet in enumerate(package.xml(_BOOK).iterfind(".//{*}sheets/{*}sheet"), 1):
        target = parts.get(sheet.get(_RELATION)) or f"worksheets/sheet{number}.xml"
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if "worksheets/" in part:
            yield sheet.get("name") or f"Sheet {number}", part


def _strings(package: Package) -> list[str]:
    """Return the texts that cells refer to by number, without the hints of pronunciation in Japanese ones."""
    if "xl/sharedStrings.xml" not in package.names:
        return []
    return [_said(item) for item in package.xml("xl/sharedStrings.xml").iterfind("{*}si")]


def _said(item: Any) -> str:
    return "".join(text.text or "" for path in ("{*}t", "{*}r/{*}t") for text in item.iterfind(path))


def _date_styles(package: Package) -> frozenset[str]:
    """Return the numbers of the styles that show a number as a date."""
    if "xl/styles.xml" not in package.names:
        return frozenset()
    styles = package.xml("xl/styles.xml")
    made = {
        number
        for entry in styles.iterfind(".//{*}numFmts/{*}numFmt")
        if (number := entry.get("numFmtId")) and _DATE_MARKS.search(_NO_MARKS.sub("", entry.get("formatCode") or ""))
    }
    formats = [entry.get("numFmtId") or "" for entry in styles.iterfind(".//{*}cellXfs/{*}xf")]
    dates = made | {str(number) for number in _DATE_FORMATS}
    return frozenset(str(at) for at, number in enumerate(formats) if number in dates)


def _rows(sheet: Any, strings: list[str], dates: frozenset[str]) -> Iterator[str]:
    for row in sheet.iterfind(".//{*}sheetData/{*}row"):
        cells = [_cell(cell, strings, dates) for cell in row.iterfind("{*}c")]
        if any(cells):
            yield "\t".join(" ".join(cell.split()) for cell in cells)


def _cell(cell: Any, strings: list[str], dates: frozenset[str]) -> str:
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        return "".join(_said(item) for item in cell.iterfind("{*}is"))
    value = cell.findtext("{*}v") or ""
    if kind == "s":
        return strings[int(value)] if value.isdecimal() and int(value) < len(strings) else ""
    if kind == "b":
        return "true" if value == "1" else "false"
    if kind == "n" and value and cell.get("s") in dates:
        return _date(value)
    return value


def _date(value: str) -> str:
    """Return a number of days as a date; midnight is not told, and numbers that are none stay."""
    try:
        at = _DAYS_FROM + timedelta(seconds=round(float(value) * 86_400))
    except (ValueError, OverflowError):
        return value
    if float(value) < 1:
        return at.time().isoformat()
    return at.date().isoformat() if at.time() == at.min.time() else at.isoformat(" ")


def _about(package: Package) -> tuple[str, str, datetime | None]:
    """Return title, author and time of the making that a file tells of itself."""
    if "docProps/core.xml" not in package.names:
        return "", "", None
    core = package.xml("docProps/core.xml")
    try:
        created = datetime.fromisoformat(core.findtext("{*}created") or "")
    except ValueError:
        created = None
    return core.findtext("{*}title") or "", core.findtext("{*}creator") or "", created
