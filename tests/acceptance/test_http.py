import json
import re
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from harness import Database
from http_api import Api
from lake_archives import ENTRY, zipped

LINE = r'# TYPE datapunk_\w+ (gauge|counter)|datapunk_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? \S+'


def setting(api: Api, name: str, **options: str) -> str:
    return str(api.get(f"/settings?name=eq.{name}&select=value", **options).body[0]["value"])


def test_anonymous_gets_health_and_the_description_of_nothing_else(api: Api) -> None:
    assert api.get("/rpc/ops_health", token="").status == 200
    description = api.get("/", token="")
    assert description.status == 200
    assert set(description.body["paths"]) == {"/", "/rpc/ops_health"}


@pytest.mark.parametrize("path", ["/settings", "/items", "/rpc/gaia_ask?question=x", "/rpc/cortex_search?query=x"])
def test_anonymous_is_asked_for_a_token(api: Api, path: str) -> None:
    reply = api.get(path, token="")
    assert reply.status == 401
    assert reply.body["code"] == "42501"


def test_token_without_a_role_is_anonymous(api: Api) -> None:
    assert api.get("/settings", token=api.token(role=None)).status == 401


def test_subject_of_the_token_is_the_owner(api: Api) -> None:
    assert setting(api, "datapunk.owner", owner="alice") == "alice"
    assert setting(api, "datapunk.owner", owner="bob") == "bob"


def test_rs256_token_of_a_foreign_issuer_is_accepted(api: Api, private_key: rsa.RSAPrivateKey) -> None:
    claims = {"sub": "carol", "role": "datapunk_user", "exp": int(time.time()) + 60}
    assert setting(api, "datapunk.owner", token=jwt.encode(claims, private_key, algorithm="RS256")) == "carol"


def test_rs256_token_of_an_unknown_key_is_refused(api: Api) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = {"sub": "carol", "role": "datapunk_user", "exp": int(time.time()) + 60}
    assert api.get("/settings", token=jwt.encode(claims, key, algorithm="RS256")).status == 401


def test_unsigned_token_is_refused(api: Api) -> None:
    claims = {"sub": "carol", "role": "datapunk_user"}
    assert api.get("/settings", token=jwt.encode(claims, None, algorithm="none")).status == 401


def test_public_key_does_not_serve_as_an_hs256_secret(api: Api, private_key: rsa.RSAPrivateKey) -> None:
    modulus = private_key.public_key().public_numbers().n.to_bytes(256, "big")
    forged = jwt.encode({"sub": "carol", "role": "datapunk_user"}, modulus, algorithm="HS256")
    assert api.get("/settings", token=forged).status == 401


def test_expired_token_is_refused(api: Api) -> None:
    assert api.get("/settings", token=api.token(exp=int(time.time()) - 3600)).status == 401


@pytest.mark.parametrize("owner", [None, "", "  "])
def test_token_without_a_subject_does_not_act_as_the_default_owner(api: Api, owner: str | None) -> None:
    reply = api.get("/settings", token=api.token(owner=owner))
    assert (reply.status, reply.body["code"]) == (403, "42501")
    assert "sub" in reply.body["hint"]


def test_nobody_acts_as_system(api: Api) -> None:
    assert api.get("/settings", owner="system").status == 403


@pytest.mark.parametrize("role", ["datapunk_owner", "datapunk_worker", "datapunk", "postgres", "no_such_role"])
def test_token_for_a_role_that_is_not_for_http_is_refused(api: Api, role: str) -> None:
    assert api.get("/settings", token=api.token(role=role)).status in (400, 401, 403)


def test_other_schemas_are_not_served(api: Api) -> None:
    assert api.get("/item", **{"Accept-Profile": "lake"}).status == 406
    assert api.get("/item").status == 404


def test_roles_of_http_have_a_statement_timeout(http_database: Database) -> None:
    with http_database.connect("postgres") as connection:
        found = connection.execute(
            "select rolname from pg_roles, unnest(rolconfig) as s where s like 'statement_timeout=%'"
        ).fetchall()
    assert {"datapunk_user", "datapunk_anonymous"} <= {str(row[0]) for row in found}


def test_a_response_has_as_many_rows_as_its_role_may_get(api: Api, http_database: Database) -> None:
    with http_database.connect(owner="limited") as connection:
        connection.execute(
            "select lake_append((select jsonb_agg(jsonb_build_object('kind', 'note', 'title', 'n' || n))"
            " from generate_series(1, 10050) as n))"
        )
    rows = api.get("/notes?select=title", owner="limited").body
    rest = api.get("/notes?select=title&offset=10000", owner="limited").body
    assert (len(rows), len(rest)) == (10_000, 50)
    assert api.get("/notes?select=title", token="").status == 401


def test_an_archive_is_uploaded_as_it_is(api: Api) -> None:
    content = zipped({"a/MyActivity.json": [ENTRY, ENTRY | {"title": "Searched for coffee"}]})
    reply = api.upload(content, owner="sender", Content_Disposition='attachment; filename="takeout-001.zip"')
    assert (reply.status, reply.body[0]["items_new"]) == (200, 2)
    again = api.call("lake_import", {"content": "\\x" + content.hex(), "filename": "takeout-001.zip"}, owner="sender")
    assert (again.body[0]["items_new"], again.body[0]["items_seen"]) == (0, 2)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content_Disposition": "attachment; filename=a.json", "Datapunk_Options": '{"nope": 1}'}],
)
def test_an_upload_that_lacks_something_is_told_with_a_hint(api: Api, headers: dict[str, str]) -> None:
    reply = api.upload(b"[]", **headers)
    assert (reply.status, reply.body["code"]) == (400, "22023")
    assert reply.body["hint"]


def test_an_unsafe_archive_is_too_large_an_upload(api: Api) -> None:
    bomb = zipped({"zeros": bytes(17 << 20)})
    for reply in (
        api.upload(bomb, Content_Disposition="attachment; filename=a.zip"),
        api.call("lake_import", {"content": "\\x" + bomb.hex(), "filename": "a.zip"}),
    ):
        assert (reply.status, reply.body["code"]) == (413, "DP011")
        assert "'zeros'" in reply.body["message"]


def test_description_is_told_from_comments(api: Api) -> None:
    paths = api.get("/").body["paths"]
    silent = [path for path, verbs in paths.items() for verb in verbs.values() if not verb.get("summary")]
    assert not silent


def test_admin_port_tells_that_it_is_live_and_ready(api: Api) -> None:
    assert api.is_ready()


def test_waiting_for_a_job_ends_before_the_statement_times_out(api: Api, http_database: Database) -> None:
    dataset = "select owner_id, title, occurred_at from items"
    job_id = api.call("forge_train", {"model": "m", "recipe": "recommender", "dataset": dataset}).body
    with http_database.connect("postgres") as connection:
        connection.execute("select set_config('request.jwt.claims', '{\"sub\": \"alice\"}', false)")
        connection.execute("set statement_timeout = '1s'")
        row = connection.execute("select status from api.forge_wait(%s)", (job_id,)).fetchone()
    assert row == ("queued",)


def test_chunks_of_a_file_are_uploaded_as_they_are(api: Api) -> None:
    content = "".join(json.dumps({"title": f"line {number}"}) + "\n" for number in range(50)).encode()
    reply = api.call("lake_upload_begin", {"filename": "lines.jsonl", "bytes": len(content)}, owner="chunker")
    begun = reply.body[0]
    headers = {"Datapunk-Upload": begun["upload_id"], "Datapunk-Chunk": "0"}
    told = api.upload(content, owner="chunker", to="lake_upload_chunk", **headers)
    assert told.body == [{"upload_id": begun["upload_id"], "chunk": 0, "received": 1, "missing": 0}]
    assert api.get("/uploads?select=received", owner="chunker").body == [{"received": 1}]
    done = api.call("lake_upload_finish", {"upload_id": begun["upload_id"]}, owner="chunker")
    assert done.body[0]["items_new"] == 50
    assert api.call("lake_upload_finish", {"upload_id": begun["upload_id"]}, owner="other").status == 404


def test_prometheus_scrapes_the_figures_with_a_token(api: Api) -> None:
    assert api.call("lake_append", {"records": [{"kind": "note", "title": "one", "source": "t"}]}).status == 200
    for accept in (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
        "text/plain",
    ):
        page = api.get("/rpc/ops_metrics", Accept=accept)
        lines = page.text.splitlines()
        assert (page.status, page.text[-1]) == (200, "\n")
        assert lines[lines.index("# TYPE datapunk_items gauge") + 1] == 'datapunk_items{kind="note"} 1'
        assert all(re.fullmatch(LINE, line) for line in lines)
        names = [line.split()[2] for line in lines if line.startswith("#")]
        assert (len(names), names) == (len(set(names)), sorted(names))
    assert 'kind="note"' not in api.get("/rpc/ops_metrics", owner="bob").text
    assert api.get("/rpc/ops_metrics", token="").status == 401
