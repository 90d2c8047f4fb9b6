from pathlib import Path
from typing import Any

import pytest

HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nX-WR-TIMEZONE:Europe/Berlin\nX-WR-CALNAME:Work\n"
TAIL = "END:VCALENDAR\n"


def calendar(*events: str) -> bytes:
    return (HEAD + "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events) + TAIL).encode()


def starts(records: list[Any]) -> list[str]:
    return [r.occurred_at.strftime("%Y-%m-%dT%H:%MZ") for r in records]


def test_an_event_has_place_people_and_end(read: Any) -> None:
    event = (
        "UID:1\nSUMMARY:Plan\\, then\\ndo\nDTSTART;TZID=Europe/Berlin:20250701T100000\nDURATION:PT45M\n"
        'LOCATION:Room 3\nATTENDEE;CN="Ann; B";ROLE=REQ:mailto:ann@x.example\nATTENDEE:mailto:bo@x.example\n'
        "DESCRIPTION:a long\n  line\nBEGIN:VALARM\nDESCRIPTION:not this\nEND:VALARM"
    )
    record = read("calendar", calendar(event))[0][0]
    assert (record.title, record.body) == ("Plan, then\ndo", "a long line")
    assert starts([record]) == ["2025-07-01T08:00Z"]
    assert (record.ended_at - record.occurred_at).total_seconds() == 2700
    assert record.attributes == {
        "location": "Room 3", "calendar": "Work", "attendees": ["Ann; B", "bo@x.example"],
        "attendee_addresses": ["ann@x.example", "bo@x.example"],
    }  # fmt: skip


def test_a_series_keeps_its_wall_time_over_the_change_of_clocks(read: Any) -> None:
    event = "UID:1\nSUMMARY:Weekly\nDTSTART;TZID=Europe/Berlin:20250324T090000\nRRULE:FREQ=WEEKLY;COUNT=2"
    assert starts(read("calendar", calendar(event))[0]) == ["2025-03-24T08:00Z", "2025-03-31T07:00Z"]


def test_a_series_whose_alarms_are_nested_deeply_is_expanded(read: Any) -> None:
    alarms = "\n".join(["BEGIN:VALARM"] * 2_000 + ["END:VALARM"] * 2_000)
    event = f"UID:1\nSUMMARY:Weekly\nDTSTART:20250324T090000Z\nRRULE:FREQ=WEEKLY;COUNT=2\n{alarms}"
    records, rejects = read("calendar", calendar(event, "UID:2\nSUMMARY:After\nDTSTART:20250401T090000Z"))
    assert starts(records) == ["2025-04-01T09:00Z", "2025-03-24T09:00Z", "2025-03-31T09:00Z"]
    assert not rejects


def test_excluded_dates_are_left_out_and_changed_ones_replaced(read: Any) -> None:
    master = (
        "UID:1\nSUMMARY:Weekly\nDTSTART:20250303T090000Z\nDTEND:20250303T093000Z\n"
        "RRULE:FREQ=WEEKLY;UNTIL=20250324T090000Z\nEXDATE:20250310T090000Z"
    )
    moved = "UID:1\nSUMMARY:Weekly, later\nRECURRENCE-ID:20250317T090000Z\nDTSTART:20250317T140000Z"
    records = read("calendar", calendar(master, moved))[0]
    assert starts(records) == ["2025-03-03T09:00Z", "2025-03-17T14:00Z", "2025-03-24T09:00Z"]
    assert [r.external_id for r in records] == ["1/20250303T090000Z", "1/20250317T090000Z", "1/20250324T090000Z"]
    assert records[1].title == "Weekly, later"


def test_a_series_without_end_stops_a_year_after_the_export(read: Any) -> None:
    event = "UID:1\nSUMMARY:Daily\nDTSTAMP:20250101T000000Z\nDTSTART:20250101T090000Z\nRRULE:FREQ=DAILY"
    records = read("calendar", calendar(event))[0]
    assert len(records) == 367
    assert starts(records[-1:]) == ["2026-01-02T09:00Z"]


def test_a_day_without_times_begins_at_the_owners_midnight(read: Any) -> None:
    record = read("calendar", calendar("UID:1\nSUMMARY:Holiday\nDTSTART;VALUE=DATE:20250701"))[0][0]
    assert starts([record]) == ["2025-06-30T22:00Z"]
    assert (record.precision, record.attributes["all_day"]) == ("day", True)


def test_a_file_that_breaks_off_keeps_what_is_whole(read: Any) -> None:
    content = calendar("UID:1\nDTSTART:20250701T100000Z", "UID:2\nDTSTART:20250702T100000Z")
    records, rejects = read("calendar", content[: content.index(b"UID:2") + 3])
    assert [r.external_id for r in records] == ["1"]
    assert len(rejects) == 1


EXPECTED = {
    "alarm_google_acknowledged.ics": 1, "america_new_york.ics": 1, "big_bad_calendar.ics": 0, "bom_calendar.ics": 0,
    "invalid_duration.ics": 1, "issue_1050_multiple_calendars.ics": 2, "issue_218_bad_tzid.ics": 1,
    "issue_526_calendar_with_events.ics": 2, "issue_722_timezone_transition_ambiguity.ics": 4,
    "multiple_calendar_components.ics": 3, "pr_480_summary_with_colon.ics": 0, "small_bad_calendar.ics": 0,
    "timezoned.ics": 1, "event_with_rsvp.ics": 1, "event_with_escaped_characters.ics": 1,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_peer_calendars(read: Any, peers: Path, name: str) -> None:
    assert len(read("calendar", peers / "calendar" / name)[0]) == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("alarm_google_acknowledged.ics", "2024-10-04T18:15Z"),
        ("america_new_york.ics", "2014-08-29T12:00Z"),
        ("issue_218_bad_tzid.ics", "2017-02-28T12:00Z"),
        ("timezoned.ics", "2012-02-13T09:00Z"),
    ],
)
def test_peer_zones(read: Any, peers: Path, name: str, at: str) -> None:
    assert starts(read("calendar", peers / "calendar" / name)[0]) == [at]


@pytest.mark.parametrize("name", ["invalid_duration.ics", "issue_464_invalid_rdate.ics", "parsing_error.ics"])
def test_peer_property_errors_are_noted_and_the_event_kept(read: Any, peers: Path, name: str) -> None:
    records, rejects = read("calendar", peers / "calendar" / name)
    assert any("errors" in r.attributes for r in records)
    assert rejects == []


def test_peer_floating_times_have_no_zone(read: Any, peers: Path) -> None:
    records, _ = read("calendar", peers / "calendar/issue_526_calendar_with_events.ics", timezone="Europe/Lisbon")
    assert {r.zone_source for r in records} == {"floating"}
    assert starts(records)[0] == "2021-11-01T16:00Z"


def test_times_at_the_ends_of_the_calendar_cost_no_other_event(found: Any) -> None:
    events = [
        "UID:1\r\nDTSTART:00000101T000000",
        "UID:2\r\nDTSTART;TZID=Europe/Berlin:20240330T023000\r\nRRULE:FREQ=DAILY;COUNT=3",
        "UID:3\r\nDTSTART:99991231T235959Z\r\nDTEND:99991231T235959Z\r\nRRULE:FREQ=YEARLY",
        "UID:4\r\nDTSTART;VALUE=DATE:99991231",
        "UID:5\r\nDTSTART:99991231T235959Z\r\nDURATION:P3W",
        "UID:6\r\nDTSTART:00010101T000000\r\nRRULE:FREQ=YEARLY;COUNT=2",
        "UID:7\r\nDTSTART:20240101T100000Z",
    ]
    text = "".join(f"BEGIN:VEVENT\r\n{event}\r\nSUMMARY:x\r\nEND:VEVENT\r\n" for event in events)
    records = found(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{text}END:VCALENDAR\r\n".encode(), "x.ics")
    told = {record.external_id.split("/")[0] for record in records}
    assert told == {"1", "2", "3", "4", "5", "6", "7"}
    # The clock of Berlin shows no half past two on the 31st.
    times = [f"{record.occurred_at:%d %H:%M}" for record in records if record.external_id.startswith("2/")]
    assert times == ["30 01:30", "31 01:30", "01 00:30"]


@pytest.mark.parametrize("zone", ["America", "x" * 300, "a/" * 300 + "a"])
def test_a_zone_of_no_possible_name_costs_its_event_alone(read: Any, zone: str) -> None:
    timed = f"UID:1\nSUMMARY:Odd\nDTSTART;TZID={zone}:20250324T090000"
    other = "UID:2\nSUMMARY:After\nDTSTART:20250401T090000Z"
    records, rejects = read("calendar", calendar(timed, other))
    assert [r.title for r in records] == ["After"]
    assert [r.reason for r in rejects] == ["a time zone of no possible name"]
    # As that of the whole calendar it is passed over.
    records, rejects = read("calendar", calendar(other).replace(b"Europe/Berlin", zone.encode()))
    assert (starts(records), rejects) == (["2025-04-01T09:00Z"], [])


def test_a_calendar_may_say_of_itself_what_it_likes_how_often_it_likes(read: Any) -> None:
    told = b"X-WR-CALNAME:Other\nX-WR-NOTE:none\n" * 20_000
    event = calendar("UID:1\nSUMMARY:One\nDTSTART:20250401T090000")
    record = read("calendar", event.replace(b"BEGIN:VEVENT", told + b"BEGIN:VEVENT"))[0][0]
    assert starts([record]) == ["2025-04-01T07:00Z"]
    assert record.attributes["calendar"] == "Other"
