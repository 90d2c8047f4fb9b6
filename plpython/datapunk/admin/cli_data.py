"""Commands that work on data: import, export, ask, search, train, sample, demo."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datapunk.admin.home import Home
from datapunk.errors import InvalidArgument

if TYPE_CHECKING:
    from datapunk.admin.importing import ImportTotals

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
# Of files that were not read, so many lines are shown.
_ODD_SHOWN = 15
OwnerOption = Annotated[str, typer.Option(help="Whose data it is.")]


def import_(
    paths: Annotated[list[Path], typer.Argument(help="Takeout archives, folders or single files.")],
    owner: OwnerOption = "local",
    timezone: Annotated[str, typer.Option(help="Time zone of times without one, as in Europe/Berlin.")] = "",
    source: Annotated[str, typer.Option(help="Read all with this adapter, as docs/sources.md names it.")] = "",
    language: Annotated[str, typer.Option(help="Language of texts whose source tells none, as in de.")] = "",
    mapping: Annotated[
        str, typer.Option(help='What the columns of tables mean, as JSON: {"kind": "purchase", "title": "Payee"}.')
    ] = "",
    server_path: Annotated[bool, typer.Option("--server-path", help="The paths are the server's own.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read all and keep nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import archives, folders and files; what is there already is not added again.

    Each batch is committed: after Ctrl-C or a crash the same command goes on where it ended.
    """
    from datapunk.admin.importing import (
        ImportTotals,
        existing,
        import_if_supported,
        import_local,
        import_server_path,
        not_as_expected,
    )
    from datapunk.admin.screen import ImportBar, progress
    from datapunk.admin.session import session
    from datapunk.lake.mapping import FIELDS
    from datapunk.lake.options import import_options, object_of

    given: dict[str, Any] = {"timezone": timezone, "source": source, "language": language, "dry_run": dry_run}
    if mapping:
        given["mapping"] = object_of(mapping, "mapping", FIELDS)
    given = {name: value for name, value in given.items() if value}
    import_options(json.dumps(given), "UTC")
    totals = ImportTotals()
    reports: list[dict[str, Any]] = []
    try:
        with session(Home.locate().dsn(), owner, timezone) as connection, progress() as bar:
            if server_path:
                task = bar.add_task("importing", total=None, note="")
                for path in paths:
                    bar.update(task, note=str(path))
                    reports.append({"file": str(path), **import_server_path(connection, str(path), given)})
            else:
                send = import_if_supported if len(paths) > 1 else import_local
                options = import_options(json.dumps(given), configured_timezone(connection))
                for path in existing(paths):
                    reports.append(
                        {"file": str(path), **send(connection, path, options, ImportBar(bar, path.name).show)}
                    )
            odd = not_as_expected(connection, reports)
            if timezone:
                # Of the session it was for this import alone; asked later, hours are those of the database's own.
                connection.execute("reset datapunk.timezone")
            told_in, database = configured_timezone(connection), connection.info.dbname
    except KeyboardInterrupt:
        typer.echo("stopped; what was imported stays, and the same command goes on from there", err=True)
        raise typer.Exit(130) from None
    for report in reports:
        totals.add(report)
    if as_json:
        typer.echo(json.dumps({"imports": reports, "total": asdict(totals), "odd": odd}, default=str))
        return
    _show_imports(totals, reports, odd)
    if timezone and timezone != told_in:
        typer.echo(
            f"Days and hours are told in {told_in}; in yours after "
            f"`alter database {database} set datapunk.timezone = '{timezone}'`"
        )


def _show_imports(totals: "ImportTotals", reports: Sequence[dict[str, Any]], odd: Sequence[dict[str, Any]]) -> None:
    from datapunk.admin.screen import console, table

    console.print(
        f"{totals.items_new:,} new items of {totals.items_seen:,} read, {totals.rejects:,} rejected, "
        f"in {totals.seconds:.1f} s"
    )
    if totals.by_kind:
        console.print(table(({"kind": k, "new": n} for k, n in sorted(totals.by_kind.items())), ("kind", "new")))
    for report in reports:
        if report["status"] == "unsupported":
            console.print(f"not imported: {report['error']}", markup=False)
    if odd:
        console.print(f"not read, or not as expected ({len(odd)}); all are in the view `ignored`:", markup=False)
        console.print(table(odd[:_ODD_SHOWN], ("files", "reason")))
    if totals.rejects:
        console.print("The view `rejects` tells what could not be read, and why.")


def retry(
    import_id: Annotated[str, typer.Option("--import", help="Only rejects of this import.")] = "",
    source: Annotated[list[str] | None, typer.Option(help="Only of this adapter; may be repeated.")] = None,
    member: Annotated[str, typer.Option(help="Only of this file.")] = "",
    reason: Annotated[str, typer.Option(help="Only those whose reason has these words.")] = "",
    owner: OwnerOption = "local",
    as_json: JsonOption = False,
) -> None:
    """Read again what could not be read, as after an upgrade; what is read now becomes items."""
    from datapunk.admin.retrying import retry_in_steps
    from datapunk.admin.screen import console, progress, table
    from datapunk.admin.session import session

    given = {"import_id": import_id, "source": source, "member": member, "reason": reason}
    options = {name: value for name, value in given.items() if value}
    with session(Home.locate().dsn(), owner) as connection, progress() as bar:
        task = bar.add_task("reading again", total=None, note="")
        report = retry_in_steps(
            connection, options,
            lambda done, total, new: bar.update(task, completed=done, total=total, note=f"{new:,} new items"),
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(report, default=str, ensure_ascii=False))
        return
    total = report["total"]
    console.print(
        f"{total['rejects']:,} read again: {total['items_new']:,} new items, {total['still_rejected']:,} still rejected"
    )
    left = [row for row in report["files"] if row["hint"]]
    if left:
        console.print(table(left, ("filename", "member", "still_rejected", "hint")))


def configured_timezone(connection: Any) -> str:
    """Return the zone that the database sets for the session."""
    row = connection.execute(
        "select coalesce(nullif(current_setting('datapunk.timezone', true), ''), 'UTC') as zone"
    ).fetchone()
    return str(row["zone"])


def export_(
    path: Annotated[Path, typer.Argument(help="A file, or for Parquet a folder, that is not there yet.")],
    form: Annotated[str, typer.Option("--format", help="jsonl or parquet.")] = "jsonl",
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind; may be repeated.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only from this source; may be repeated.")] = None,
    since: Annotated[str, typer.Option(help="Only what happened since then.")] = "",
    until: Annotated[str, typer.Option(help="Only what happened before then.")] = "",
    sensitivity: Annotated[str, typer.Option(help="Nothing beyond: public, personal, private or secret.")] = "",
    owner: OwnerOption = "local",
    timezone: Annotated[str, typer.Option(help="Time zone of times without one, as in Europe/Berlin.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write everything that is kept, or a part of it, to files."""
    from datapunk.admin.exporting import export
    from datapunk.admin.screen import console, progress, table
    from datapunk.admin.session import session

    given = {"kinds": kind, "sources": source, "since": since, "until": until, "sensitivity": sensitivity}
    options = {name: value for name, value in given.items() if value}
    started = time.monotonic()
    with session(Home.locate().dsn(), owner, timezone) as connection, progress() as bar:
        task = bar.add_task("exporting", total=None, note="")
        report = export(
            connection, path, form, options,
            lambda rows, total: bar.update(task, completed=rows, total=total, note=f"{rows:,} of {total:,}"),
        ).as_json()  # fmt: skip
    report["seconds"] = round(time.monotonic() - started, 3)
    if as_json:
        typer.echo(json.dumps(report))
        return
    console.print(f"{report['rows']:,} rows, {report['bytes'] / 1e6:,.1f} MB, in {report['seconds']:.1f} s: {path}")
    if report["by_kind"]:
        console.print(table(({"kind": k, "rows": n} for k, n in report["by_kind"].items()), ("kind", "rows")))


def ask(
    question: Annotated[str, typer.Argument(help="A question in your own words.")],
    owner: OwnerOption = "local",
    timezone: Annotated[str, typer.Option(help="Your time zone, as in Europe/Berlin.")] = "",
    mode: Annotated[str, typer.Option(help="fast, deliberate or auto (a plan where there are several parts).")] = "",
    model: Annotated[str, typer.Option(help="A language model of the view providers words the answer.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Ask a question about what was imported. With a language model a worker answers."""
    from datapunk.admin.asking import ask_now, ask_worker
    from datapunk.admin.session import session

    options = {name: value for name, value in (("mode", mode), ("model", model)) if value}
    with session(Home.locate().dsn(), owner, timezone) as connection:
        if model:
            row = ask_worker(connection, question, options)
        else:
            row = ask_now(connection, question, options, as_row=as_json)
    typer.echo(json.dumps(row, default=str, ensure_ascii=False) if as_json else row["told"])


def search(
    query: Annotated[str, typer.Argument(help="Words to look for.")],
    k: Annotated[int, typer.Option("-k", help="How many to show.")] = 10,
    kind: Annotated[list[str] | None, typer.Option(help="Only items of this kind; may be repeated.")] = None,
    since: Annotated[str, typer.Option(help="Only items since then.")] = "",
    until: Annotated[str, typer.Option(help="Only items before then.")] = "",
    mode: Annotated[str, typer.Option(help="hybrid, lexical or semantic.")] = "hybrid",
    owner: OwnerOption = "local",
    as_json: JsonOption = False,
) -> None:
    """Find passages by words and meaning."""
    from datapunk.admin.screen import console, table
    from datapunk.admin.session import session

    given = {"mode": mode, "kinds": kind, "since": since, "until": until}
    options = json.dumps({name: value for name, value in given.items() if value})
    with session(Home.locate().dsn(), owner) as connection:
        rows = connection.execute("select * from api.cortex_search(%s, %s, %s)", (query, k, options)).fetchall()
    if as_json:
        typer.echo(json.dumps(rows, default=str, ensure_ascii=False))
        return
    shown = [{**row, "when": f"{row['occurred_at']:%Y-%m-%d}" if row["occurred_at"] else ""} for row in rows]
    console.print(table(shown, ("score", "when", "kind", "title", "snippet")) if rows else "Nothing found.")


def train(
    model: Annotated[str, typer.Argument(help="Name of the model.")],
    recipe: Annotated[str, typer.Argument(help="How to train it; the view `recipes` lists them.")],
    dataset: Annotated[str, typer.Argument(help="A SELECT, or the name of a view.")],
    options: Annotated[str, typer.Option(help="Options as a JSON object.")] = "{}",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the training to its end.")] = True,
    owner: OwnerOption = "local",
    as_json: JsonOption = False,
) -> None:
    """Train a model. Exits with 1 when the training fails."""
    from datapunk.admin.screen import console, progress, table
    from datapunk.admin.session import session
    from datapunk.admin.training import ask_for_training, figures, follow

    with session(Home.locate().dsn(), owner) as connection:
        job_id = ask_for_training(connection, model, recipe, dataset, _object(options))
        if not wait:
            typer.echo(json.dumps({"job_id": job_id}) if as_json else f"job {job_id} is queued")
            return
        with progress() as bar:
            task = bar.add_task(model, total=1.0, note="queued")
            job = follow(
                connection, job_id,
                lambda row: bar.update(task, completed=row["progress"], note=row["stage"] or row["status"]),
            )  # fmt: skip
        metrics = figures(connection, model, job["version"]) if job["version"] else []
    if as_json:
        typer.echo(json.dumps({**job, "metrics": metrics}, default=str))
    elif job["status"] == "succeeded":
        console.print(f"{model} version {job['version']}")
        console.print(table(metrics, list(dict.fromkeys(name for row in metrics for name in row))))
    else:
        console.print(f"{job['status']}: {job['error'] or ''}", style="red")
        if job["hint"]:
            console.print(f"hint: {job['hint']}")
    if job["status"] != "succeeded":
        raise typer.Exit(1)


def sample(
    path: Annotated[Path, typer.Argument(help="A folder, or a file that ends in .zip.")],
    seed: Annotated[int, typer.Option(help="Another seed draws another life.")] = 7,
    years: Annotated[int, typer.Option(help="The last 1 to 3 years.")] = 3,
    records: Annotated[int, typer.Option(help="About how many records.")] = 20_000,
    as_json: JsonOption = False,
) -> None:
    """Write a sample archive of an invented life, with its truth beside it."""
    from datapunk.sample import write

    truth = write(path, seed=seed, years=years, records=records)
    if as_json:
        typer.echo(json.dumps({"path": str(truth.path), "truth": str(truth.truth_path), "items": truth.facts["items"]}))
        return
    typer.echo(f"{truth.path}\n{truth.truth_path}")


def demo() -> None:
    """Show everything on a sample archive: import, answers, a training, recommendations, HTTP."""
    from datapunk.admin.demo import run

    run(Home.locate())


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise InvalidArgument(
            f"the options are not JSON: {error}", hint='Give an object, as in {"seed": 1}.'
        ) from error
    if not isinstance(value, dict):
        raise InvalidArgument("the options are not a JSON object", hint='Give an object, as in {"seed": 1}.')
    return value


COMMANDS: Sequence[tuple[str, Callable[..., None]]] = (
    ("import", import_),
    ("retry", retry),
    ("export", export_),
    ("ask", ask),
    ("search", search),
    ("train", train),
    ("sample", sample),
    ("demo", demo),
)
