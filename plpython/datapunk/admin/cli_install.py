"""`datapunk install`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer


def install(
    dsn: Annotated[str, typer.Option(help="Connection string of a superuser; default: the private cluster.")] = "",
    create: Annotated[bool, typer.Option("--create", help="Make the database when it is missing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Install or upgrade Datapunk in a database: roles, tables, functions, default model."""
    from datapunk.admin.default_model import install_default_model
    from datapunk.admin.install import install as run

    if not dsn:
        from datapunk.admin.home import Home

        dsn = Home.locate().superuser_dsn()
    report = run(dsn, create=create)
    model = install_default_model(dsn)
    if as_json:
        typer.echo(json.dumps({**asdict(report), "default_model": model}))
        return
    step = f"{report.migrated_from or 'nothing'} -> {report.revision}"
    typer.echo(f"{report.database}: tables {step}, {report.load.files} SQL files loaded, default model {model}")
