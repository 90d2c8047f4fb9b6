"""Mail as Gmail exports it: an mbox with Gmail's separator, CRLF, MIME parts and X-GM headers."""

import base64
import binascii
import html
import re
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from datapunk.sample.people import Person, owner
from datapunk.sample.records import Mail

_FROM_LINE = re.compile(r"^(>*From )", re.MULTILINE)


def _encoded(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8").encode(linesep="\r\n")


def _address(person: Person, raw: bool) -> str:
    name = person.name if raw else _encoded(person.name)
    return f'"{name}" <{person.email}>' if "&" in name or raw else f"{name} <{person.email}>"


def _quoted(text: str) -> str:
    return binascii.b2a_qp(text.encode(), istext=True, header=False).decode("ascii")


def _part(text: str, subtype: str, form: str) -> tuple[str, str]:
    """Header lines and encoded body of one text part."""
    charset = "us-ascii" if form == "plain" else "UTF-8"
    if form == "plain":
        encoding, body = "7bit", text
    elif form == "base64":
        encoding, body = "base64", base64.encodebytes(text.encode()).decode("ascii").rstrip("\n")
    else:
        encoding, body = "quoted-printable", _quoted(text)
    head = f'Content-Type: text/{subtype}; charset="{charset}"\nContent-Transfer-Encoding: {encoding}\n'
    return head, body


def _markup(mail: Mail) -> str:
    inner = "\n".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in mail.paragraphs)
    style = "<style>body{font-family:Arial,sans-serif;color:#222}p{line-height:1.5}</style>"
    title = html.escape(mail.subject)
    return f"<html><head>{style}</head><body>\n<h1>{title}</h1>\n{inner}\n</body></html>"


def body_text(mail: Mail) -> str:
    """The letter as its reader sees it."""
    return "\n\n".join(mail.paragraphs)


def _content(mail: Mail) -> str:
    text = body_text(mail)
    if mail.form != "html":
        head, body = _part(text, "plain", mail.form)
        return f"{head}\n{body}\n"
    boundary = f"000000000000{mail.gmail_id:x}"
    plain = _part(text, "plain", "quoted-printable")
    rich = _part(_markup(mail), "html", "quoted-printable")
    parts = "".join(f"--{boundary}\n{head}\n{body}\n" for head, body in (plain, rich))
    return f'Content-Type: multipart/alternative; boundary="{boundary}"\n\n{parts}--{boundary}--\n'


def _stamp(at: datetime) -> str:
    weekday, day, month, year, clock, offset = format_datetime(at).split()
    return f"{weekday[:-1]} {month} {day} {clock} {offset} {year}"


def message(mail: Mail) -> str:
    """One message with its separator line; body lines that look like a separator are quoted with '>'."""
    lines = [
        f"From {mail.gmail_id}@xxx {_stamp(mail.at)}",
        f"X-GM-THRID: {mail.thread_id}",
        f"X-Gmail-Labels: {','.join(mail.labels)}",
    ]
    if mail.sender != owner():
        lines += [
            f"Delivered-To: {owner().email}",
            f"Received: by 2002:a05:6402:{mail.gmail_id & 0xFFFF:x} with SMTP id t{mail.gmail_id & 0xFFFFFF:x};",
            f"        {format_datetime(mail.at)}",
            f"Return-Path: <{mail.sender.email}>",
        ]
    lines += [
        "MIME-Version: 1.0",
        f"Date: {format_datetime(mail.at)}",
        f"Message-ID: {mail.message_id}",
    ]
    if mail.references:
        lines += [f"In-Reply-To: {mail.references[-1]}", f"References: {' '.join(mail.references)}"]
    lines += [
        f"Subject: {mail.subject if mail.raw_header else _encoded(mail.subject)}",
        f"From: {_address(mail.sender, mail.raw_header)}",
        f"To: {', '.join(_address(person, False) for person in mail.to)}",
    ]
    content = _FROM_LINE.sub(r">\1", _content(mail))
    text = "\n".join(lines) + "\n" + content + "\n"
    return text.replace("\r\n", "\n").replace("\n", "\r\n")
