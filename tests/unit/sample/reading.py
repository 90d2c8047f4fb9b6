"""A sample archive, read back with the standard library alone."""

from __future__ import annotations

import io
import json
import mailbox
import zipfile
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from functools import cached_property
from typing import Any

from datapunk.sample import Truth


@dataclass
class Sample:
    truth: Truth

    @property
    def facts(self) -> dict[str, Any]:
        return self.truth.facts

    def raw(self, member: str) -> bytes:
        with zipfile.ZipFile(self.truth.path) as archive:
            return archive.read(f"Takeout/{member}")

    def entries(self, member: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.raw(member))
        return found

    @cached_property
    def visits(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.raw("Chrome/History.json"))["Browser History"]
        return found

    @cached_property
    def letters(self) -> list[Message]:
        path = self.truth.path.with_suffix(".mbox")
        path.write_bytes(self.raw("Mail/All mail Including Spam and Trash.mbox"))
        box = mailbox.mbox(path)
        found: list[Message] = list(box)
        box.close()
        return found

    @cached_property
    def by_message_id(self) -> dict[str, Message]:
        return {letter["Message-ID"]: letter for letter in self.letters}

    @cached_property
    def calendars(self) -> str:
        with zipfile.ZipFile(self.truth.path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".ics")]
            text = io.StringIO("".join(archive.read(name).decode() for name in names), newline="")
        return text.read().replace("\r\n ", "")


def header(letter: Message, name: str) -> str:
    return str(make_header(decode_header(letter[name])))


def plain_text(letter: Message) -> str:
    part = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode(part.get_content_charset() or "utf-8").replace("\r\n", "\n")
