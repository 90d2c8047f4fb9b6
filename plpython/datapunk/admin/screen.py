"""How the command line shows results: tables and progress on a terminal, plain lines elsewhere."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from datapunk.lake.importing import Progress as ImportProgress

console = Console(highlight=False, soft_wrap=True)


def table(rows: Iterable[dict[str, Any]], columns: Sequence[str], title: str | None = None) -> Table:
    """Rows as a table with these columns; numbers stand right."""
    found = list(rows)
    shown = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        numeric = bool(found) and all(isinstance(row.get(column), int | float | None) for row in found)
        shown.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in found:
        shown.add_row(*(text(row.get(column)) for column in columns))
    return shown


def text(value: object) -> str:
    """A value as a cell."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def progress() -> Progress:
    """A progress display that leaves nothing behind; without a terminal it shows nothing."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class ImportBar:
    """One import on a progress display: how much of it is read, and how much is new."""

    def __init__(self, shown: Progress, name: str) -> None:
        self._shown = shown
        self._task = shown.add_task(f"importing {name}", total=None, note="")

    def show(self, come: "ImportProgress") -> None:
        """Show how far it has come."""
        self._shown.update(
            self._task, total=come.bytes_total, completed=come.bytes,
            note=f"{come.bytes / 2**20:,.0f} MB, {come.items_new:,} new",
        )  # fmt: skip
