import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake import Record, Rejected
from datapunk.lake.chat_lines import day_first
from datapunk.lake.record import Context
from datapunk.lake.registry import by_name
from datapunk.lake.stream import MemberStream

MEMBER = "WhatsApp Chat with Ann Lee.txt"


def parsed(found: Any, text: str, member: str = MEMBER, **context: Any) -> list[Any]:
    return list(found(text.encode(), member, **context))


def times(records: list[Any]) -> list[str]:
    return [r.occurred_at.isoformat(timespec="minutes")[:16] for r in records]


def test_a_message_has_its_words_sender_and_chat(found: Any) -> None:
    record = parsed(found, "13/02/21, 18:30 - Ann Lee: see you: soon\n")[0]
    assert (record.kind, record.source, record.body) == ("message", "whatsapp", "see you: soon")
    assert (record.precision, record.zone_source, record.external_id) == ("min", "floating", None)
    assert record.attributes == {"conversation": "Ann Lee", "sender": "Ann Lee"}


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("[13/02/21, 18:30:05] Ann: x", "2021-02-13T18:30"),
        ("\u200e[2/13/21, 6:30:05\u202fPM] Ann: x", "2021-02-13T18:30"),
        ("2/13/21, 12:05 AM - Ann: x", "2021-02-13T00:05"),
        ("13.02.21, 18:30 - Ann: x", "2021-02-13T18:30"),
        ("13/2/2021 6:30 p. m. - Ann: x", "2021-02-13T18:30"),
        ("13/2/2021, 6:30\u00a0p.\u00a0m. - Ann: x", "2021-02-13T18:30"),
        ("2021-02-13, 18:30 - Ann: x", "2021-02-13T18:30"),
        ("[2021-02-13, 18:30:05] Ann: x", "2021-02-13T18:30"),
        ("2021/2/13 下午6:30 - Ann: x", "2021-02-13T18:30"),
        ("13.2.2021 klo 18.30 - Ann: x", "2021-02-13T18:30"),
    ],
)
def test_stamps_of_many_phones_are_read(found: Any, line: str, at: str) -> None:
    records = parsed(found, line + "\n")
    assert times(records) == [at]
    assert (records[0].attributes["sender"], records[0].body) == ("Ann", "x")
    assert "ambiguous_date" not in records[0].attributes


def test_a_figure_above_12_anywhere_decides_for_the_whole_file(found: Any) -> None:
    lines = "01/02/21, 10:00 - A: x\n02/02/21, 10:00 - A: y\n13/02/21, 10:00 - A: z\n"
    assert times(parsed(found, lines))[0] == "2021-02-01T10:00"
    assert times(parsed(found, lines.replace("13/02", "02/13")))[0] == "2021-01-02T10:00"


def test_a_figure_far_below_decides_too(found: Any) -> None:
    lines = "".join(f"0{n % 5 + 1}/02/21, 10:00 - A: {'long ' * 40}{n}\n" for n in range(2_000))
    assert times(parsed(found, lines + "02/25/21, 10:00 - A: end\n"))[0] == "2021-01-02T10:00"


@pytest.mark.parametrize(
    ("dates", "leads"),
    [
        ([(1, 2, 21), (2, 2, 21), (3, 2, 21)], True),
        ([(2, 1, 21), (2, 2, 21), (2, 3, 21)], False),
        ([(11, 2, 21), (12, 2, 21), (1, 3, 21)], True),
        ([(3, 4, 21)], None),
        ([(5, 5, 21), (6, 6, 21)], None),
        ([(2021, 4, 5)], None),
    ],
)
def test_the_order_of_the_days_tells_which_figure_is_the_day(dates: Any, leads: bool | None) -> None:
    assert day_first(dates) is leads


def test_what_nothing_decides_is_marked(found: Any) -> None:
    assert parsed(found, "03/04/21, 10:00 - A: x\n")[0].attributes["ambiguous_date"] is True
    assert "ambiguous_date" not in parsed(found, "04/04/21, 10:00 - A: x\n")[0].attributes
    assert "ambiguous_date" not in parsed(found, "03.04.21, 10:00 - A: x\n")[0].attributes


def test_times_are_of_the_zone_of_the_import(found: Any) -> None:
    record = parsed(found, "13/02/21, 18:30 - A: x\n", timezone="America/New_York")[0]
    assert record.occurred_at == datetime(2021, 2, 13, 23, 30, tzinfo=UTC)


def test_lines_without_a_stamp_belong_to_the_message_before(found: Any) -> None:
    records = parsed(found, "13/02/21, 18:30 - A: one\ntwo\n\nthree: four\r\n13/02/21, 18:31 - B: five\n")
    assert [r.body for r in records] == ["one\ntwo\n\nthree: four", "five"]


def test_notices_are_no_messages(found: Any) -> None:
    lines = (
        '13/02/21, 18:30 - Ann created group "Trip: north"\n'
        "13/02/21, 18:30 - You were added\n"
        '13/02/21, 18:31 - Ann changed the subject from "Trip: north" to "Trip"\n'
        "13/02/21, 18:32 - Ann: hello\n"
    )
    assert [r.body for r in parsed(found, lines)] == ["hello"]


def test_the_notice_of_encryption_names_the_chat_where_the_file_does_not(found: Any) -> None:
    lines = (
        "[13/02/21, 18:30:00] Trip: \u200eMessages and calls are end-to-end encrypted. No one can read them.\n"
        "[13/02/21, 18:30:05] Ann: hello\n"
    )
    records = parsed(found, lines, "_chat.txt")
    assert [(r.body, r.attributes["conversation"]) for r in records] == [("hello", "Trip")]


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("WhatsApp Chat with Ann.txt", "Ann"),
        ("export/WhatsApp-Chat mit Jürgen K..txt", "Jürgen K."),
        ("Chat de WhatsApp con Ana María.txt", "Ana María"),
        ("WhatsApp Chat - Trip 2021.zip/_chat.txt", "Trip 2021"),
        ("WhatsApp Chat - Trip 2021/_chat.txt", "Trip 2021"),
        ("Discussion WhatsApp avec Zoé.txt", "Zoé"),
    ],
)
def test_the_chat_is_called_as_its_file_or_archive_says(found: Any, member: str, name: str) -> None:
    assert parsed(found, "13/02/21, 18:30 - A: x\n", member)[0].attributes["conversation"] == name


@pytest.mark.parametrize(
    ("words", "body", "attachments"),
    [
        ("<Media omitted>", None, ["media"]),
        ("<Medien ausgeschlossen>", None, ["media"]),
        ("\u200eimage omitted", None, ["image"]),
        ("\u200eBild weggelassen", None, ["Bild"]),
        ("\u200e<attached: 00000042-PHOTO-2021.jpg>", None, ["00000042-PHOTO-2021.jpg"]),
        ("IMG-2021-WA0001.jpg (file attached)\nour house", "our house", ["IMG-2021-WA0001.jpg"]),
    ],
)
def test_placeholders_become_attachments(found: Any, words: str, body: str | None, attachments: list[str]) -> None:
    record = parsed(found, f"13/02/21, 18:30 - A: {words}\n")[0]
    assert (record.body, record.attributes["attachments"]) == (body, attachments)


def test_deleted_edited_and_missed_are_told(found: Any) -> None:
    lines = (
        "[13/02/21, 18:30:00] A: \u200eThis message was deleted.\n"
        "[13/02/21, 18:31:00] A: hello \u200e<This message was edited>\n"
        "[13/02/21, 18:32:00] A: \u200eMissed voice call\n"
    )
    deleted, edited, missed = parsed(found, lines)
    assert (deleted.body, deleted.attributes["deleted"]) == (None, True)
    assert (edited.body, edited.attributes["edited"]) == ("hello", True)
    assert missed.attributes["type"] == "call"


def test_chat_sender_and_text_are_the_identity_within_a_second(found: Any) -> None:
    first, again, other = parsed(found, "13/02/21, 18:30 - A: x\n13/02/21, 18:30 - A: x\n13/02/21, 18:30 - B: x\n")
    assert first.key == again.key
    assert first.key != other.key


def test_an_impossible_time_is_rejected_and_the_others_survive(found: Any) -> None:
    lines = "13/02/21, 18:30 - A: x\n13/02/21, 28:70 - A: y\n31/02/21, 18:31 - A: z\n13/02/21, 18:32 - A: w\n"
    results = parsed(found, lines)
    assert [r.body for r in results if isinstance(r, Record)] == ["x", "w"]
    rejects = [r for r in results if isinstance(r, Rejected)]
    assert [r.byte_offset for r in rejects] == [lines.index("13/02/21, 28"), lines.index("31/02")]


def test_a_cut_file_keeps_its_head(found: Any) -> None:
    assert [r.body for r in parsed(found, "13/02/21, 18:30 - A: x\n13/02/21, 18:31 - A: y\n13/02/2")] == [
        "x",
        "y\n13/02/2",
    ]


def test_logs_and_other_texts_are_not_claimed() -> None:
    claims = by_name("whatsapp").claims
    assert claims("app.log", b"[2021-02-13 18:30:05] INFO: started\n[2021-02-13 18:30:06] INFO: x\n") == 0
    assert claims("notes.txt", b"On 13/02/21, 18:30 - we met: fine\n") == 0


def test_names_alone_are_known() -> None:
    assert [by_name("whatsapp").claims(name, b"") for name in (MEMBER, "x/_chat.txt", "notes.txt", "chat.md")] == [
        0.5, 0.2, 0.0, 0.0,
    ]  # fmt: skip


@given(st.binary(max_size=200), st.integers(0, 130), st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_are_nothing_is_raised(noise: bytes, at: int, cut: int) -> None:
    good = b"13/02/21, 18:30 - A: x\n[2/13/21, 6:30:05 PM] B: y\n[2019-12-24, 12:23] C: z\n"
    for data in (noise, good[:at] + noise + good[at + cut :]):
        for source in ("whatsapp", "signal"):
            for result in by_name(source).parse(MemberStream(io.BytesIO(data)), Context(member=MEMBER)):
                assert isinstance(result, Record | Rejected)


@given(
    st.integers(0, 99), st.integers(0, 99), st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99),
    st.sampled_from(["", " AM", " p. m.", " 下午"]), st.sampled_from("/.-"),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_figures_are_read_or_rejected(a: int, b: int, c: int, hour: int, minute: int, half: str, dot: str) -> None:
    line = f"{a}{dot}{b}{dot}{c}, {hour}:{minute:02}{half} - A: x\n".encode()
    results = list(by_name("whatsapp").parse(MemberStream(io.BytesIO(line)), Context(member=MEMBER)))
    assert len(results) == 1


@pytest.mark.parametrize("name", ["test_[mmddyy]_24hrs.txt", "test_ddmmyy_24hrs.txt", "test_mmddyyyy_12hrs.txt"])
def test_peer_chat_miner(found: Any, peers: Path, name: str) -> None:
    folder = peers / "chat/chat-miner/whatsapp"
    records = found(folder / name)
    target = json.loads((folder / "target.json").read_text())
    assert [
        {
            "timestamp": r.occurred_at.replace(tzinfo=None).isoformat(),
            "author": r.attributes["sender"],
            "message": r.body.replace("\n", " "),
        }
        for r in records
    ] == target[::-1]
    assert "\n" in records[1].body


def test_peer_chat_analytics(found: Any, peers: Path) -> None:
    records = found(peers / "chat/whatsapp_chat-analytics/2A_5M.txt")
    assert times(records) == [f"2021-01-01T12:0{n}" for n in (0, 1, 2, 3, 2)]
    assert [r.attributes["sender"] for r in records] == ["A", "B", "A", "B", "A"]
    assert [r.attributes.get("attachments") for r in records] == [None, None, None, ["media"], None]
    assert records[4].body == "This message should be reordered"


def test_signal_has_its_own_stamps(found: Any) -> None:
    content = "[2019-12-24, 12:23] Me: look ![a.jpg](./media/a.jpg)\n[2019-12-24, 12:24] Jane: nice\n"
    mine, hers = found(content.encode(), "Jane Doe/chat.md")
    assert (mine.source, mine.body) == ("signal", "look")
    assert mine.attributes == {"conversation": "Jane Doe", "sender": "Me", "from_me": True, "attachments": ["a.jpg"]}
    assert hers.occurred_at == datetime(2019, 12, 24, 12, 24, tzinfo=UTC)


def test_brackets_in_a_message_cost_what_they_are_long(found: Any) -> None:
    """Found by fuzzing: 100 KB of them took a minute, so these would take a quarter of an hour."""
    (record,) = found(b"[2024-01-01, 12:00] Me: look " + b"[" * 400_000)
    assert record.body.startswith("look [[")


def test_signal_rejects_what_nobody_said(found: Any) -> None:
    content = (
        "[2019-12-24, 12:23] Me: a\n[2019-12-24, 12:24] no name\n[2019-13-24, 12:24] B: c\n[2019-12-24, 12:25] B: d"
    )
    results = found(content.encode(), "Jane Doe/chat.md")
    assert [r.body for r in results if isinstance(r, Record)] == ["a", "d"]
    assert sum(isinstance(r, Rejected) for r in results) == 2


def test_peer_signal(found: Any, peers: Path) -> None:
    folder = peers / "chat/chat-miner/signal"
    records = found(folder / "test_export.txt")
    assert {r.source for r in records} == {"signal"}
    assert [
        {
            "timestamp": r.occurred_at.replace(tzinfo=None).isoformat(),
            "author": r.attributes["sender"],
            "message": r.body.replace("\n", " "),
        }
        for r in records
    ] == json.loads((folder / "target.json").read_text())[::-1]
