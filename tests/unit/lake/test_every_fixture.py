"""Every public fixture gives something or is known to give nothing: no file falls silent unnoticed."""

from pathlib import Path

from datapunk.lake.containers import Folder
from datapunk.lake.reading import Reader
from datapunk.lake.request import Limits, Reading

# What EXPECTED.md beside them says of those that hold no record, or none that can be read.
SILENT = {
    # A calendar without an event, or events without the calendar around them.
    "calendar/bom_calendar.ics", "calendar/calendar_with_unicode.ics", "calendar/small_bad_calendar.ics",
    "calendar/big_bad_calendar.ics", "calendar/pr_480_summary_with_colon.ics",
    "calendar/issue_178_component_with_invalid_name_represented.ics",
    # No JSON, and a list of nothing.
    "takeout/Keep_obsidian/broken/broken-json-note.json", "json/timelinize_github/ghstars-malformed.json",
    "json/timelinize_github/ghstars-empty.json",
}  # fmt: skip


def test_a_fixture_without_a_record_is_one_that_has_none(peers: Path) -> None:
    reading = Reading(path=str(peers), filename="fixtures")
    silent = set()
    for frame in Reader(reading).frames(Folder(peers, Limits())):
        # Pictures, and the pages that tell about the fixtures, are none.
        if frame.kind == "file" and not frame.fields["seen"] and frame.texts[1] != "a picture, sound or film":
            silent.add(frame.texts[0])
    assert silent == SILENT
