"""What the SQL functions of Gaia call. Each loads what it needs when it is called."""

from typing import TYPE_CHECKING, Any

from datapunk.db.backend import entry_point, read_settings
from datapunk.db.plpy_db import PlpyDb

if TYPE_CHECKING:
    from datapunk.gaia.answering import Orchestrator

Cache = dict[str, Any]
Row = dict[str, Any]


@entry_point
def ask(plpy: Any, cache: Cache, question: str | None, options: str | None) -> str:
    """Run api.gaia_ask."""
    from datapunk.gaia.options import ask_options, checked_question

    asked, chosen = checked_question(question), ask_options(options)
    _check_model(PlpyDb(plpy, cache), chosen.model, in_background=False)
    orchestrator = _orchestrator(plpy, cache)
    return orchestrator.with_sources(orchestrator.answer(asked, chosen))


@entry_point
def answer(plpy: Any, cache: Cache, question: str | None, options: str | None) -> list[Row]:
    """Run api.gaia_answer."""
    from datapunk.gaia.options import ask_options, checked_question

    asked, chosen = checked_question(question), ask_options(options)
    _check_model(PlpyDb(plpy, cache), chosen.model, in_background=False)
    orchestrator = _orchestrator(plpy, cache)
    return [orchestrator.answer(asked, chosen)]


@entry_point
def ask_async(plpy: Any, cache: Cache, question: str | None, options: str | None) -> int:
    """Run api.gaia_ask_async."""
    from datapunk.db import one
    from datapunk.gaia.options import ask_options, checked_question
    from datapunk.gaia.router import Q

    asked = checked_question(question)
    db = PlpyDb(plpy, cache)
    _check_model(db, ask_options(options).model, in_background=True)
    return int(one(db.rows(Q.enqueue_task, asked, options or "{}"))["id"])


@entry_point
def collect_names(plpy: Any, cache: Cache) -> None:
    """Run gaia.collect_names."""
    from datapunk.gaia.names import collect_names as collect

    collect(PlpyDb(plpy, cache))


@entry_point
def check_sketch(plpy: Any, cache: Cache, question: str, sketch: str, language: str) -> str:
    """Run gaia.check_sketch."""
    import json

    from datapunk.gaia.gathering import check_sketch as check
    from datapunk.gaia.options import checked_question

    return json.dumps(check(_orchestrator(plpy, cache), checked_question(question), json.loads(sketch), language))


@entry_point
def gather(
    plpy: Any, cache: Cache, question: str, options: str, max_tokens: int, written: str | None
) -> str | None:  # fmt: skip
    """Run gaia.gather."""
    import json

    from datapunk.gaia.gathering import gather as gather_for
    from datapunk.gaia.options import ask_options, checked_question

    plan = json.loads(written) if written else None
    found = gather_for(
        _orchestrator(plpy, cache), checked_question(question), ask_options(options), max_tokens, plan
    )  # fmt: skip
    return None if found is None else json.dumps(found)


@entry_point
def route(plpy: Any, cache: Cache, question: str | None, options: str | None) -> list[Row]:
    """Run api.gaia_route."""
    from datapunk.gaia.explaining_routes import ranked
    from datapunk.gaia.options import checked_question, route_options

    asked = checked_question(question)
    explain, chosen = route_options(options)
    return ranked(_orchestrator(plpy, cache), asked, chosen, explain=explain)


@entry_point
def replay(plpy: Any, cache: Cache, answer_id: str | None) -> list[Row]:
    """Run api.gaia_replay."""
    from datapunk.gaia.replay import replay_answer

    return [replay_answer(_orchestrator(plpy, cache), answer_id)]


@entry_point
def pipeline(plpy: Any, cache: Cache, name: str | None, spec: str | None, options: str | None) -> int | None:
    """Run api.gaia_pipeline."""
    from datapunk.gaia.plan.pipelines import register as add
    from datapunk.inference import StoredArtifacts, connect

    db = PlpyDb(plpy, cache)
    embedder = connect(read_settings(db), cache, StoredArtifacts(db))
    return add(db, embedder, name=name, spec=spec, options=options)


@entry_point
def pipeline_drop(plpy: Any, cache: Cache, name: str | None) -> bool:
    """Run api.gaia_pipeline_drop."""
    from datapunk.gaia.plan.pipelines import drop

    return drop(PlpyDb(plpy, cache), name)


@entry_point
def run(plpy: Any, cache: Cache, name: str | None, given: str | None, options: str | None) -> list[Row]:
    """Run api.gaia_run."""
    from datapunk.gaia.options import input_object, run_options

    return [_orchestrator(plpy, cache).run(name, input_object(given), run_options(options))]


@entry_point
def run_pipeline(plpy: Any, cache: Cache, parameters: str) -> str:
    """Run gaia.run_pipeline."""
    import json

    asked = json.loads(parameters)
    return json.dumps(_orchestrator(plpy, cache).run_nested(asked.get("pipeline"), asked.get("input") or {}))


@entry_point
def register(
    plpy: Any, cache: Cache, name: str | None, handler: str | None, description: str | None,
    examples: list[str | None] | None, options: str | None,
) -> int:  # fmt: skip
    """Run api.gaia_register."""
    from datapunk.gaia.registry import register as add

    db = PlpyDb(plpy, cache)
    return add(
        db, name=name, handler=handler, description=description, examples=examples, options=options,
        language=read_settings(db).language,
    )  # fmt: skip


@entry_point
def unregister(plpy: Any, cache: Cache, name: str | None) -> bool:
    """Run api.gaia_unregister."""
    from datapunk.gaia.registry import unregister as remove

    return remove(PlpyDb(plpy, cache), name)


@entry_point
def search(plpy: Any, cache: Cache, parameters: str) -> str:
    """Run gaia.search."""
    import json

    from datapunk.gaia.searching import search as find
    from datapunk.inference import StoredArtifacts, connect

    db = PlpyDb(plpy, cache)
    return json.dumps(find(db, connect(read_settings(db), cache, StoredArtifacts(db)), json.loads(parameters)))


@entry_point
def fitting_model(plpy: Any, cache: Cache, parameters: str, recipes: list[str]) -> str:
    """Run gaia.fitting_model."""
    import json

    from datapunk.gaia.models import fitting_model as find
    from datapunk.inference import StoredArtifacts, connect

    db = PlpyDb(plpy, cache)
    return json.dumps(find(db, connect(read_settings(db), cache, StoredArtifacts(db)), json.loads(parameters), recipes))


@entry_point
def summarize(plpy: Any, cache: Cache, parameters: str) -> str:
    """Run gaia.summarize."""
    import json

    from datapunk.gaia.summarizing import summarize as sum_up

    return json.dumps(sum_up(PlpyDb(plpy, cache), json.loads(parameters)))


def _check_model(db: PlpyDb, model: str | None, *, in_background: bool) -> None:
    """Raise NoSuchModel for a name that no model has.

    Raise InvalidArgument for a language model asked at once: the transaction would stay open meanwhile.
    """
    from datapunk.errors import InvalidArgument, NoSuchModel
    from datapunk.gaia.router import Q

    if not model:
        return
    kind = db.rows(Q.kind_of_model, model)[0]["kind"]
    if kind is None:
        raise NoSuchModel(
            f"no model {model!r}",
            hint="The view models lists what is trained, providers what words answers (kind chat).",
        )
    if kind == "chat" and not in_background:
        raise InvalidArgument(
            f"{model} is a language model, which answers in the background alone",
            hint=f"select gaia_ask_async('...', '{{\"model\": \"{model}\"}}'), then gaia_result with its job_id.",
        )


def _orchestrator(plpy: Any, cache: Cache) -> "Orchestrator":
    from datapunk.gaia.answering import Orchestrator
    from datapunk.inference import StoredArtifacts, connect

    db = PlpyDb(plpy, cache)
    settings = read_settings(db)
    return Orchestrator(db=db, inference=connect(settings, cache, StoredArtifacts(db)), settings=settings)
