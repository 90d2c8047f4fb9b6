from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.localised_time import instant
from datapunk.lake.time_words import MONTHS, OFFSETS, WEEKDAYS, ZONES, folded_word


def utc(text: str, **options: object) -> str:
    """Return what is read of a text as an ISO time in UTC."""
    reading = instant(text, **options)  # type: ignore[arg-type]
    assert reading is not None, text
    return reading.at.astimezone(UTC).isoformat().removesuffix("+00:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("26 avr. 2026, 15:21:15 CEST", "2026-04-26T13:21:15"),
        ("7 mar 2016, 22:11:49 CEST", "2016-03-07T20:11:49"),
        ("14.10.2025, 11:17:28 MESZ", "2025-10-14T09:17:28"),
        ("Jan 31, 2018, 10:54:50 PM", "2018-01-31T22:54:50"),
        ("Jan 31, 2018, 10:54:50\u202fPM", "2018-01-31T22:54:50"),
        ("Feb 8, 2017, 12:32:39 AM", "2017-02-08T00:32:39"),
        ("2026-10-01 06:59:59 UTC", "2026-10-01T06:59:59"),
        ("Jun 15, 2026, 7:40:10 AM UTC", "2026-06-15T07:40:10"),
        ("Wednesday, April 15, 2015 at 12:51:08\u202fAM UTC", "2015-04-15T00:51:08"),
        ("Tuesday, 7 February 2021 at 17:13:43 UTC", "2021-02-07T17:13:43"),
        ("2026-10-01T06:59:59Z", "2026-10-01T06:59:59"),
        ("2026-10-01t06:59:59.5+05:30", "2026-10-01T01:29:59.500000"),
        ("2025-03-24 20:25:02 +0100", "2025-03-24T19:25:02"),
        ("Sep 3, 2020, 1:02:03 AM GMT+05:30", "2020-09-02T19:32:03"),
        ("Sep 3, 2020, 1:02:03 AM GMT−3", "2020-09-03T04:02:03"),
        ("7 mar 2016, 3:21:15 p. m. GMT-5", "2016-03-07T20:21:15"),
        ("26 Nis 2026 15:21:15 GMT+03:00", "2026-04-26T12:21:15"),
        ("5 Kasım 2020 Perşembe 15:21:15 UTC", "2020-11-05T15:21:15"),
        ("26\u200f/04\u200f/2026، 3:21:15 م غرينتش+2", "2026-04-26T13:21:15"),
        ("٢٦ أبريل ٢٠٢٦، ٣:٢١:١٥ ص UTC", "2026-04-26T03:21:15"),
        ("2026年4月26日 GMT+8 下午3:21:15", "2026-04-26T07:21:15"),
        ("2026年4月26日星期日 UTC 15:21:15", "2026-04-26T15:21:15"),
        ("2026年4月26日 中午12:21:15", "2026-04-26T12:21:15"),
        ("2026年4月26日 中午1:21:15", "2026-04-26T13:21:15"),
        ("26 de abr. de 2026, 15:21:15 BRT", "2026-04-26T18:21:15"),
        ("quarta-feira, 15 de abril de 2015 às 00:51:08 UTC", "2015-04-15T00:51:08"),
        ("26 kwi 2026, 15:21:15 CEST", "2026-04-26T13:21:15"),
        ("mercoledì 15 aprile 2015 alle ore 00:51:08 UTC", "2015-04-15T00:51:08"),
        ("woensdag 15 april 2015 om 00:51:08 UTC", "2015-04-15T00:51:08"),
        ("mar. 3 mars 2026 à 15:21:15 CET", "2026-03-03T14:21:15"),
        ("3 mars 2026, 15 h 21 min 15 s HNE", "2026-03-03T20:21:15"),
        ("26 апр. 2026 г., 15:21:15 MSK", "2026-04-26T12:21:15"),
        ("Tue, 05 Aug 2008 08:00:12 +0000", "2008-08-05T08:00:12"),
        ("Fri Jan 05 2018 10:00:00 GMT+0100 (CET)", "2018-01-05T09:00:00"),
        ("Donnerstag, 2. Januar 2025, 07:01:01 Koordinierte Weltzeit", "2025-01-02T07:01:01"),
    ],
)
def test_times_of_exports_are_read(text: str, expected: str) -> None:
    assert utc(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "hello 10:30", "Jan 31, 2018, 10:5", "Jan 31, 2018, 10:54:50 P", "31 February 2020",
        "2020-13-01 10:00", "Meet me on Jan 31, 2018, 10:54:50 PM", "10:54:50 PM", "7 mar 2016, 25:00:00",
        "2026-10-01 06:59:59 +99:00", "May 2020", "12 2020, 10:00:00", "Jan 5 Feb 6 2020", "x" * 100_000 + " 10:30",
        "01.02.2020 May 10:30", "Channel 2020", "²⁶ avr. 2026",
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str) -> None:
    assert instant(text) is None


def test_an_abbreviation_is_its_own_offset_whatever_the_season() -> None:
    assert utc("7 mar 2016, 22:11:49 CEST") == "2016-03-07T20:11:49"
    assert utc("7 jul 2016, 22:11:49 CET") == "2016-07-07T21:11:49"


@pytest.mark.parametrize(
    ("text", "precision", "source"),
    [
        ("2026-10-01T06:59:59.123456Z", "us", "utc"),
        ("2026-10-01T06:59:59.123Z", "ms", "utc"),
        ("2026-10-01 06:59:59 CET", "s", "abbr"),
        ("2026-10-01 06:59 +0200", "min", "offset"),
        ("2026-10-01 06:59:59", "s", "floating"),
        ("2026-10-01", "day", "date"),
    ],
)
def test_precision_and_source_of_the_zone_are_told(text: str, precision: str, source: str) -> None:
    reading = instant(text, zone=ZoneInfo("Europe/Vienna"))
    assert reading is not None
    assert (reading.precision, reading.zone_source, reading.ambiguous) == (precision, source, False)


def test_a_text_without_a_zone_is_read_in_the_accounts() -> None:
    assert utc("01.09.2022, 21:08:12", zone=ZoneInfo("Europe/Berlin")) == "2022-09-01T19:08:12"
    assert utc("01.09.2022, 21:08:12") == "2022-09-01T21:08:12"


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("Sep 3, 2020, 1:02:03 AM IST", "Asia/Kolkata", "2020-09-02T19:32:03"),
        ("Sep 3, 2020, 1:02:03 AM IST", "Europe/Dublin", "2020-09-03T00:02:03"),
        ("Jan 3, 2020, 1:02:03 AM IST", "Asia/Jerusalem", "2020-01-02T23:02:03"),
        ("Jan 3, 2020, 1:02:03 AM CST", "Asia/Shanghai", "2020-01-02T17:02:03"),
        ("Jan 3, 2020, 1:02:03 AM CST", "America/Chicago", "2020-01-03T07:02:03"),
        ("Jul 3, 2020, 1:02:03 AM BST", "Europe/London", "2020-07-03T00:02:03"),
        ("Jul 3, 2020, 1:02:03 AM BST", "Asia/Dhaka", "2020-07-02T19:02:03"),
    ],
)
def test_an_abbreviation_of_several_zones_is_the_accounts(text: str, zone: str, expected: str) -> None:
    assert utc(text, zone=ZoneInfo(zone)) == expected
    reading = instant(text, zone=ZoneInfo(zone))
    assert reading is not None
    assert (reading.zone_source, reading.ambiguous) == ("abbr", False)


@pytest.mark.parametrize("text", ["Sep 3, 2020, 1:02:03 AM IST", "Sep 3, 2020, 1:02:03 AM XYZT"])
def test_an_abbreviation_that_the_accounts_zone_does_not_have_is_flagged(text: str) -> None:
    for zone in (None, ZoneInfo("Europe/Berlin")):
        reading = instant(text, zone=zone)
        assert reading is not None
        assert (reading.zone_source, reading.ambiguous) == ("ambiguous", True)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        # Summer and winter time of one place: an hour between them, whatever the date says.
        ("Jan 3, 2020, 12:00:00 PM CET", None, "2020-01-03T11:00:00"),
        ("Jul 3, 2020, 12:00:00 PM CET", "Europe/Paris", "2020-07-03T11:00:00"),
        ("Jan 3, 2020, 12:00:00 PM CEST", "Europe/Paris", "2020-01-03T10:00:00"),
        ("03.01.2020, 12:00:00 MEZ", None, "2020-01-03T11:00:00"),
        ("03.07.2020, 12:00:00 MESZ", None, "2020-07-03T10:00:00"),
        ("03.01.2020, 12:00:00 OEZ", None, "2020-01-03T10:00:00"),
        ("03.07.2020, 12:00:00 OESZ", None, "2020-07-03T09:00:00"),
        ("3 juil. 2020, 12:00:00 HAEC", None, "2020-07-03T10:00:00"),
        ("3 juil. 2020, 12:00:00 HAE", None, "2020-07-03T16:00:00"),
        ("Jan 3, 2020, 12:00:00 PM EET", None, "2020-01-03T10:00:00"),
        ("Jan 3, 2020, 12:00:00 PM WEST", None, "2020-01-03T11:00:00"),
        # The same letters for places half a world apart.
        ("Jul 3, 2020, 12:00:00 PM BST", "Europe/London", "2020-07-03T11:00:00"),
        ("Jul 3, 2020, 12:00:00 PM IST", "Asia/Kolkata", "2020-07-03T06:30:00"),
        ("Jan 3, 2020, 12:00:00 PM MST", "America/Denver", "2020-01-03T19:00:00"),
        ("Jan 3, 2020, 12:00:00 PM CST", "America/Havana", "2020-01-03T17:00:00"),
        ("Jan 3, 2020, 12:00:00 PM CST", "Asia/Taipei", "2020-01-03T04:00:00"),
        ("Jan 3, 2020, 12:00:00 PM PST", "Asia/Manila", "2020-01-03T04:00:00"),
        ("Jan 3, 2020, 12:00:00 PM WAT", "Africa/Lagos", "2020-01-03T11:00:00"),
        # What other readers know no zone for.
        ("Jan 3, 2020, 12:00:00 PM GMT+05:30", None, "2020-01-03T06:30:00"),
        ("3 ene 2020, 12:00:00 GMT-3", None, "2020-01-03T15:00:00"),
        ("Jan 3, 2020, 12:00:00 PM CLT", None, "2020-01-03T16:00:00"),
        ("3 de jan. de 2020, 12:00:00 BRT", None, "2020-01-03T15:00:00"),
        ("Jan 3, 2020, 12:00:00 PM ART", None, "2020-01-03T15:00:00"),
        ("Jan 3, 2020, 12:00:00 PM SGT", None, "2020-01-03T04:00:00"),
    ],
)
def test_abbreviations_that_readers_shift_by_hours_are_read_as_worked_out_by_hand(
    text: str, zone: str | None, expected: str
) -> None:
    reading = instant(text, zone=ZoneInfo(zone) if zone else None)
    assert reading is not None
    assert reading.at.astimezone(UTC).replace(tzinfo=None).isoformat() == expected
    assert reading.zone_source in ("abbr", "offset")
    assert not reading.ambiguous


def test_one_act_in_exports_of_two_zones_is_one_instant() -> None:
    # A June export from Lisbon and an August one from Berlin (HPI#406).
    assert utc("Apr 1, 2025, 6:59:26 PM WEST") == utc("Apr 1, 2025, 7:59:26 PM CEST") == "2025-04-01T17:59:26"


def test_an_hour_that_the_clock_shows_twice_is_ambiguous() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    twice = instant("26.10.2025, 02:30:00", zone=berlin)
    once = instant("26.10.2025, 03:30:00", zone=berlin)
    assert twice is not None
    assert once is not None
    assert (twice.ambiguous, once.ambiguous) == (True, False)


@pytest.mark.parametrize(
    ("text", "day_first", "expected", "ambiguous"),
    [
        ("02/03/2020 10:30", True, "2020-03-02T10:30:00", False),
        ("02/03/2020 10:30", False, "2020-02-03T10:30:00", False),
        ("02/03/2020 10:30", None, "2020-03-02T10:30:00", True),
        ("02/03/2020 10:30 PM", None, "2020-02-03T22:30:00", True),
        ("25/03/2020 10:30 PM", None, "2020-03-25T22:30:00", False),
        ("03/25/2020 10:30", None, "2020-03-25T10:30:00", False),
        ("02.03.20 10:30", None, "2020-03-02T10:30:00", False),
        ("02/02/2020 10:30", None, "2020-02-02T10:30:00", False),
    ],
)
def test_the_order_of_figures(text: str, day_first: bool | None, expected: str, ambiguous: bool) -> None:
    reading = instant(text, day_first=day_first)
    assert reading is not None
    assert utc(text, day_first=day_first) == expected
    assert reading.ambiguous is ambiguous


def test_every_word_of_the_tables_is_folded_and_every_offset_exists() -> None:
    assert all(word == folded_word(word) for word in (*MONTHS, *WEEKDAYS))
    assert set(MONTHS.values()) == set(range(1, 13))
    assert all(-720 <= minutes <= 840 for offsets in OFFSETS.values() for minutes in offsets)
    assert sum(len(names) for names in ZONES.values()) == len(OFFSETS)


@pytest.mark.parametrize(
    ("name", "zone", "month"),
    [
        ("CET", "Europe/Paris", 1), ("CEST", "Europe/Paris", 7), ("EET", "Europe/Helsinki", 1),
        ("EEST", "Europe/Helsinki", 7), ("WET", "Europe/Lisbon", 1), ("WEST", "Europe/Lisbon", 7),
        ("EST", "America/New_York", 1), ("EDT", "America/New_York", 7), ("MST", "America/Denver", 1),
        ("PDT", "America/Los_Angeles", 7), ("AKST", "America/Anchorage", 1), ("HST", "Pacific/Honolulu", 1),
        ("NST", "America/St_Johns", 1), ("JST", "Asia/Tokyo", 1), ("AEDT", "Australia/Sydney", 1),
        ("ACST", "Australia/Adelaide", 7), ("NZDT", "Pacific/Auckland", 1), ("SAST", "Africa/Johannesburg", 1),
        ("WAT", "Africa/Lagos", 1), ("EAT", "Africa/Nairobi", 1), ("MSK", "Europe/Moscow", 1),
        ("PKT", "Asia/Karachi", 1),
        ("HKT", "Asia/Hong_Kong", 1), ("WIB", "Asia/Jakarta", 1), ("IDT", "Asia/Jerusalem", 7),
    ],
)  # fmt: skip
def test_offsets_of_abbreviations_agree_with_the_tz_database(name: str, zone: str, month: int) -> None:
    at = datetime(2024, month, 15, tzinfo=ZoneInfo(zone))
    assert at.tzname() == name
    assert at.utcoffset() == timedelta(minutes=OFFSETS[name][0])


@settings(max_examples=100, deadline=None)
@given(st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 12, 31)))
def test_what_is_written_is_read_back(at: datetime) -> None:
    at = at.replace(microsecond=0)
    for text in (f"{at:%b} {at.day}, {at.year}, {at:%I:%M:%S %p}", f"{at:%d.%m.%Y, %H:%M:%S}", at.isoformat(" ")):
        reading = instant(text)
        assert reading is not None
        assert reading.at.replace(tzinfo=None) == at


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("0123456789:., /-+APMamz年月日下午GMTUCjanfeb\u202f\u00a0é²"), max_size=40))
def test_nothing_that_is_read_raises(text: str) -> None:
    instant(text, zone=ZoneInfo("Europe/Berlin"))
