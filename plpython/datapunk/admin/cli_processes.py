"""Commands that start, stop and look at the programs of an installation."""

import dataclasses
import json
import os
import shutil
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from datapunk.admin.home import Home

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def up(as_json: JsonOption = False) -> None:
    """Start everything and install or upgrade the database; what runs already is left alone."""
    from datapunk.admin import processes

    def report(step: str, outcome: str, seconds: float) -> None:
        if not as_json:
            typer.echo(f"{step:<10} {outcome} ({seconds:.1f} s)")

    home = processes.up(Home.locate(), report)
    if as_json:
        typer.echo(json.dumps({"dsn": home.dsn(), "api_url": home.api_url}))
        return
    typer.echo(f"SQL        {home.dsn()}\nHTTP       {home.api_url}")


def down(as_json: JsonOption = False) -> None:
    """Stop everything."""
    from datapunk.admin import processes

    stopped = processes.down(Home.locate())
    typer.echo(json.dumps({"stopped": stopped}) if as_json else "stopped" if stopped else "nothing ran")


def status(as_json: JsonOption = False) -> None:
    """Show what runs. Exits with 1 when something does not."""
    from datapunk.admin import processes

    components = processes.status(Home.locate())
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(component) for component in components]))
    else:
        rows = [
            (part.name, part.state.lower(), f"{part.pid or '-'}", f"{part.uptime_seconds} s", part.address)
            for part in components
        ]
        _print_table(("program", "state", "pid", "up for", "where"), rows)
    if not all(component.answers for component in components):
        raise typer.Exit(1)


def doctor(as_json: JsonOption = False) -> None:
    """Check the whole installation and say how to mend what is wrong. Exits with 1 when something fails."""
    from datapunk.admin.doctor import examine

    checks = examine(Home.locate())
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(check) for check in checks]))
    else:
        for check in checks:
            typer.secho(f"{check.state:<5}", fg=_COLOURS[check.state], nl=False)
            typer.echo(f"{check.name:<20} {check.detail}")
            if check.mend:
                typer.echo(f"{'':<25} mend: {check.mend}")
    if any(check.state == "fail" for check in checks):
        raise typer.Exit(1)


def dsn() -> None:
    """Print the connection string of the default database."""
    typer.echo(Home.locate().dsn())


def api_url() -> None:
    """Print the address at which PostgREST answers."""
    typer.echo(Home.locate().api_url)


def token(
    owner: Annotated[str, typer.Option(help="Whose data the bearer of the token sees.")] = "local",
    days: Annotated[float, typer.Option(help="How long it is valid.")] = 30.0,
) -> None:
    """Print a token for the HTTP interface."""
    from datapunk.admin.credentials import mint_token

    typer.echo(mint_token(Home.locate(), owner, days))


def psql(
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to psql (after --).")] = None,
) -> None:
    """Open psql on the default database."""
    from datapunk.errors import NotReady

    program = shutil.which("psql")
    if program is None:
        raise NotReady("psql is not installed", hint="install postgresql-client")
    os.execv(program, ["psql", Home.locate().dsn(), *(arguments or [])])  # noqa: S606  no shell is wanted


def host() -> None:
    """Run the model host in the foreground."""
    from datapunk.admin.jsonlog import configure_logging
    from datapunk.admin.programs import run_host

    configure_logging("host")
    run_host(Home.locate())


def worker() -> None:
    """Run a worker in the foreground."""
    from datapunk.admin.jsonlog import configure_logging
    from datapunk.admin.programs import run_worker

    configure_logging("worker")
    run_worker(Home.locate())


def remove(
    test_cluster: Annotated[bool, typer.Option("--test-cluster", help="Delete the test cluster alone.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Stop everything and delete this installation: its database, environment and logs."""
    from datapunk.admin import processes

    home = Home.locate()
    if not test_cluster and not yes:
        typer.confirm(f"Delete {home.state} with all data in it?", abort=True)
    processes.remove(home, test_cluster_only=test_cluster)


COMMANDS: Sequence[Callable[..., None]] = (up, down, status, doctor, dsn, api_url, token, psql, host, worker, remove)


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
