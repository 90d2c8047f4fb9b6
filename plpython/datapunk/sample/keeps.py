"""What a sample keeps besides its life's records: notes, tasks and the figures of a fitness band."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from datapunk.sample.phrases import stream, token
from datapunk.sample.world import World

TASKS = "Tasks/Tasks.json"
STEPS = "Fit/Daily activity metrics/Daily activity metrics.csv"
# A file that no adapter knows, so that an import has something to tell as ignored.
UNKNOWN = "Home App/HomeHistory.json"
_HEADER = "Date,Move Minutes count,Calories (kcal),Distance (m),Step count\n"
FIGURES_A_DAY = 4
_DAYS = 120


@dataclass(frozen=True, kw_only=True)
class Note:
    """A note or a task: its title, its text, and when it was written down."""

    title: str
    text: str
    at: datetime


_FIRST = datetime(2024, 6, 26, 11, 6, 40, tzinfo=UTC)
NOTES = tuple(
    Note(title=title, text=text, at=_FIRST + timedelta(days=90 * number))
    for number, (title, text) in enumerate(
        (
            (
                "Grinder settings",
                "Kestrel 64: 2.4 light roast, 1.9 medium, 1.6 dark. One gram through after every change.",
            ),
            ("Packing list", "Passport, earplugs, soft flasks, the small tripod, one book too many."),
            ("Books to lend", "Letter writing to Priya, the tide atlas to Rui, the bread book back to Jonas."),
            ("Vet", "Miso 3.9 kg, chip ends in 8841, next vaccination March 2026."),
        )
    )
)
ERRANDS = (
    Note(
        title="Return the borrowed drill",
        text="To Rui, with the masonry bits.",
        at=datetime(2025, 3, 2, 18, tzinfo=UTC),
    ),
    Note(title="Renew the library card", text="", at=datetime(2025, 9, 14, 9, 30, tzinfo=UTC)),
)


def note_path(note: Note) -> str:
    """Return the path of a note below the root."""
    return f"Keep/{note.title}.json"


def figure_days(world: World) -> list[date]:
    """Return the days of which the band has figures."""
    return list(world.life.days[-_DAYS:])


def members(world: World) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield path and text of each member."""
    for number, note in enumerate(NOTES):
        yield note_path(note), [json.dumps(_keep(note, pinned=number == 0), ensure_ascii=False)]
    yield STEPS, _steps(world)
    yield TASKS, [json.dumps(_tasks(), indent=2)]
    yield UNKNOWN, [json.dumps({"structures": [], "history": {}})]


def _keep(note: Note, *, pinned: bool) -> dict[str, object]:
    created = int(note.at.timestamp()) * 1_000_000
    return {
        "color": "DEFAULT",
        "isTrashed": False,
        "isPinned": pinned,
        "isArchived": False,
        "textContent": note.text,
        "title": note.title,
        "userEditedTimestampUsec": created + 60_000_000,
        "createdTimestampUsec": created,
    }


def _steps(world: World) -> Iterator[str]:
    yield _HEADER
    rng = stream(0, "steps")
    for day in figure_days(world):
        steps = rng.randrange(4_000, 18_000)
        yield f"{day},{steps // 110},{1_500 + steps / 25:.1f},{steps * 0.72:.1f},{steps}\n"


def _tasks() -> dict[str, object]:
    items = [
        {
            "kind": "tasks#task", "id": token(task.title, 20), "title": task.title, "notes": task.text,
            "task_type": "PERSONAL_TASK", "created": f"{task.at:%Y-%m-%dT%H:%M:%SZ}",
            "updated": f"{task.at:%Y-%m-%dT%H:%M:%SZ}", "status": "needsAction",
        }
        for task in ERRANDS
    ]  # fmt: skip
    errands = {"kind": "tasks#tasks", "id": token("tasks", 20), "title": "Errands", "items": items}
    return {"kind": "tasks#taskLists", "items": [errands]}
