"""`datapunk demo`: everything once, on a sample archive, printed from the running system.

A second run finds the archive imported and the model trained, and does neither again.
"""

import hashlib
import json
import textwrap
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from rich.markup import escape

from datapunk.admin import sample_archive
from datapunk.admin.credentials import mint_token
from datapunk.admin.home import Home
from datapunk.admin.importing import import_local
from datapunk.admin.screen import ImportBar, console, progress, table
from datapunk.admin.session import Connection, session
from datapunk.admin.training import ask_for_training, figures, follow
from datapunk.errors import NotReady, TrainingFailed
from datapunk.lake.options import ImportOptions

OWNER = "local"
MODEL = "taste"
DATASET = "select owner_id, url, occurred_at from watches where not is_ad and url is not null"
_WIDTH = 96


def run(home: Home) -> None:
    """Run all sections. Errors: DP002 when the system is not up, DP022 when the training fails."""
    sample = sample_archive.ensure(home)
    zone = sample.facts["homes"][-1]["zone"]
    with session(home.dsn(), OWNER, zone) as connection:
        _import(connection, sample.path)
        questions = _questions(sample.facts)
        _ask(connection, questions)
        _train(connection)
        _recommend(connection)
        _over_http(home, questions[0])
    _go_on(questions[1])


def _section(title: str) -> None:
    console.print()
    console.print(f"── {title} ".ljust(_WIDTH, "─"), style="bold")


def _import(connection: Connection, archive: Path) -> None:
    _section("What was imported")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    done = connection.execute(
        "select items_new, rejects from api.imports where sha256 = %s and status = 'done' order by started_at limit 1",
        (digest,),
    ).fetchone()
    if done:
        console.print(f"{archive.name} is here already: {done['items_new']:,} items, {done['rejects']:,} rejects")
    else:
        with progress() as bar:
            row = import_local(connection, archive, ImportOptions(), ImportBar(bar, archive.name).show)
        rate = row["items_seen"] / max(row["seconds"], 0.001)
        console.print(
            f"{archive.name}: {row['items_new']:,} items from {row['bytes'] / 2**20:.0f} MB in {row['seconds']:.1f} s "
            f"({rate:,.0f} a second), {row['rejects']:,} records rejected with their reason"
        )
    kinds = connection.execute(
        'select kind, count(*) as items, min(occurred_at)::date as "from", max(occurred_at)::date as "to"'
        " from ("
        "select kind, occurred_at from api.items union all select 'measurement', starts_at from api.measurements"
        " union all select 'position', occurred_at from api.positions"
        ") as found group by kind order by items desc"
    ).fetchall()
    console.print(table(kinds, ("kind", "items", "from", "to")))


def _questions(facts: dict[str, Any]) -> list[str]:
    """Five questions of all kinds that need no model."""
    known = {question["id"]: question for question in facts["questions"]}
    chosen = [known[name] for name in facts["demo"] if known[name]["kind"] != "recommend"]
    rest = [q for q in facts["questions"] if q["kind"] in ("when", "search") and q not in chosen]
    return [str(question["question"]) for question in [*chosen, *rest][:5]]


def _ask(connection: Connection, questions: list[str]) -> None:
    _section("Five questions")
    for question in questions:
        started = time.perf_counter()
        row = connection.execute("select api.gaia_ask(%s) as answer", (question,)).fetchone()
        milliseconds = (time.perf_counter() - started) * 1000
        console.print(f"[bold]{escape(question)}[/bold]  [dim]{milliseconds:.0f} ms[/dim]")
        _print_indented(str(row["answer"]) if row else "")
        console.print()


def _train(connection: Connection) -> None:
    _section("A recommender, trained on what was watched")
    present = connection.execute(
        """
        select m.version
        from api.model_versions as m
        where m.model = %s and m.stale_reason is null
          and m.created_at > coalesce(
            (select max(i.finished_at) from api.imports as i where i.items_new > 0), '-infinity'
          )
        order by m.version desc
        limit 1
        """,
        (MODEL,),
    ).fetchone()
    if present:
        version = int(present["version"])
        console.print(f"version {version} of the model '{MODEL}' knows all of it already")
    else:
        console.print(f"[dim]select forge_train('{MODEL}', 'recommender', '{DATASET}');[/dim]")
        version = _train_now(connection)
    rows = figures(connection, MODEL, version)
    console.print(table(rows, list(dict.fromkeys(name for row in rows for name in row))))


def _train_now(connection: Connection) -> int:
    job_id = ask_for_training(connection, MODEL, "recommender", DATASET, {})
    seen: list[str] = []
    with progress() as bar:
        task = bar.add_task(f"job {job_id}", total=1.0, note="queued")

        def report(row: dict[str, Any]) -> None:
            stage = row["stage"] or row["status"]
            bar.update(task, completed=row["progress"], note=stage)
            if stage not in seen:
                seen.append(stage)
                console.print(f"job {job_id}: {row['progress']:>4.0%} {stage}")

        job = follow(connection, job_id, report)
    if job["status"] != "succeeded":
        raise TrainingFailed(f"job {job_id} {job['status']}: {job['error']}", hint=job["hint"])
    seconds = (job["finished_at"] - job["created_at"]).total_seconds()
    console.print(f"version {job['version']} of the model '{MODEL}' after {seconds:.1f} s")
    return int(job["version"])


def _recommend(connection: Connection) -> None:
    _section("Five recommendations, with their reasons")
    rows = connection.execute("select * from api.forge_recommend(%s, %s, 5)", (MODEL, OWNER)).fetchall()
    addresses = {row["item"] for row in rows} | {item for row in rows for item in row["reason"].get("because", [])}
    titles = {
        row["url"]: row["title"]
        for row in connection.execute(
            "select distinct on (url) url, title from api.watches where url = any(%s) order by url, occurred_at desc",
            (list(addresses),),
        )
    }
    for place, row in enumerate(rows, 1):
        because = [titles.get(item, item) for item in row["reason"].get("because", [])]
        console.print(f"{place}. {escape(str(titles.get(row['item'], row['item'])))}")
        reason = "because you watched " + "; ".join(because) if because else "because it is watched often"
        _print_indented(reason, style="dim")


def _over_http(home: Home, question: str) -> None:
    _section("The same question over HTTP")
    console.print(
        f'[dim]curl {home.api_url}/rpc/gaia_ask -H "Authorization: Bearer $(make -s token)" \\\n'
        f"     -H 'Content-Type: application/json' -d '{json.dumps({'question': question})}'[/dim]"
    )
    request = urllib.request.Request(  # noqa: S310  the address is this machine's own
        f"{home.api_url}/rpc/gaia_ask",
        data=json.dumps({"question": question}).encode(),
        headers={"Authorization": f"Bearer {mint_token(home, OWNER, 1)}", "Content-Type": "application/json"},
    )
    started = time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            answer = json.loads(response.read())
    except urllib.error.HTTPError as error:
        raise NotReady(
            f"PostgREST answers with status {error.code}", hint="`datapunk doctor` tells more",
            detail=error.read().decode(errors="replace"),
        ) from error  # fmt: skip
    except OSError as error:
        raise NotReady(f"PostgREST does not answer at {home.api_url}", hint="start it by `make up`") from error
    milliseconds = (time.perf_counter() - started) * 1000
    _print_indented(str(answer))
    console.print(f"[dim]{milliseconds:.0f} ms[/dim]")


def _go_on(question: str) -> None:
    _section("How to go on")
    lines = (
        ("psql $(make -s dsn)", "select gaia_ask('...'), \\df api.*, \\dv api.*"),
        (f'.datapunk/bin/datapunk ask "{question}"', "any question"),
        (".datapunk/bin/datapunk import takeout-*.zip", "your own archive, under another --owner if you like"),
        ("curl $(make -s api-url)/", "what HTTP clients may call (OpenAPI)"),
        ("make status, make down", "what runs; stop it"),
    )
    for command, meaning in lines:
        console.print(f"{command:<64} [dim]{meaning}[/dim]")


def _print_indented(text: str, style: str = "") -> None:
    for line in text.splitlines():
        console.print(
            textwrap.indent("\n".join(textwrap.wrap(line, _WIDTH - 3) or [""]), "   "), style=style, markup=False
        )
