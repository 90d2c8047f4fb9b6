import io
import json
from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import google_account
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

Read = Callable[..., list[Found]]

PAGE = (
    "<html><body><h2>GOOGLE SUBSCRIBER INFORMATION</h2><div class='section'><ul><li>Google Account ID: 123</li>"
    "<li>Name: Ada Lovelace</li><li>e-Mail: ada@example.com</li><li>Created on: 2010-04-05 12:00:00 Z</li>"
    "<li>Recovery SMS: +431234567 [AT]</li></ul></div><h2>IP ACTIVITY</h2><table>"
    "<tr><th>Timestamp</th><th>IP Address</th><th>Activity Type</th><th>Raw User Agents</th></tr>"
    "<tr><td>2024-02-25 04:34:32 Z</td><td>192.0.2.1</td><td>Login</td><td>Chrome</td></tr>{}"
    "<tr><td>2024-02-24 22:54:13 Z</td><td>2001:db8::1</td><td>Logout</td><td></td></tr></table></body></html>"
)
PROFILE = {
    "name": {"givenName": "Ada", "formattedName": "Ada L."}, "displayName": "Ada Lovelace",
    "emails": [{"value": "ada@example.com"}], "birthday": "1815-12-10", "gender": {"type": "female"},
}  # fmt: skip
MEMBER = "Takeout/Google Account/ada.SubscriberInfo.html"


def test_sign_ins_are_security_events_and_the_owner_a_contact(found: Read) -> None:
    owner, login, logout = found(PAGE.format("").encode())
    assert isinstance(owner, Record)
    assert isinstance(login, Record)
    assert isinstance(logout, Record)
    assert (owner.kind, owner.title) == ("contact", "Ada Lovelace")
    assert owner.attributes == {
        "type": "self", "emails": ["ada@example.com"], "phones": ["+431234567"], "created": "2010-04-05 12:00:00 Z",
    }  # fmt: skip
    assert (login.kind, login.title) == ("security_event", "Login")
    assert (login.occurred_at, login.zone_source) == (datetime(2024, 2, 25, 4, 34, 32, tzinfo=UTC), "utc")
    assert login.attributes == {
        "service": "Google account", "ip": "192.0.2.1", "activity": "Login", "user_agent": "Chrome",
    }  # fmt: skip
    assert logout.attributes["ip"] == "2001:db8::1"


def test_a_change_has_its_old_and_new_value(found: Read) -> None:
    page = (
        "<html><table><tr><th>Timestamp</th><th>IP Address</th><th>Change Type</th><th>Old Value</th><th>New Value</th>"
        "</tr><tr><td>2024-02-25 04:34:32 Z</td><td>192.0.2.1</td><td>Recovery e-Mail</td><td>a@x</td><td>b@x</td></tr>"
        "</table></html>"
    )
    (change,) = found(page.encode(), "Google Account/ada.ChangeHistory.html")
    assert isinstance(change, Record)
    assert (change.title, change.attributes["old_value"], change.attributes["new_value"]) == (
        "Recovery e-Mail", "a@x", "b@x",
    )  # fmt: skip


def test_a_profile_is_a_contact(found: Read) -> None:
    (owner,) = found(json.dumps(PROFILE).encode(), "Takeout/Profil/Profil.json")
    assert isinstance(owner, Record)
    assert (owner.kind, owner.title) == ("contact", "Ada Lovelace")
    assert owner.attributes == {
        "type": "self", "emails": ["ada@example.com"], "birthday": "1815-12-10", "gender": "female",
    }  # fmt: skip


def test_a_damaged_row_is_rejected_alone_and_a_cut_page_keeps_its_head(found: Read) -> None:
    content = PAGE.format("<tr><td>some day</td><td>x</td><td>y</td></tr>").encode()
    assert [type(r) for r in found(content)] == [Record, Record, Rejected, Record]
    assert [type(r) for r in found(content[: content.index(b"Chrome")])] == [Record, Record]


def test_a_broken_profile_is_rejected(found: Read) -> None:
    for content in (json.dumps(PROFILE)[:-1], json.dumps(PROFILE | {"emails": [5]})):
        assert [type(r) for r in found(content.encode(), "Profile/Profile.json")] == [Rejected]


def test_names_are_claimed_without_content() -> None:
    for member in (MEMBER, "Google-Konto/XYZ.SubscriberInfo.html", "Profil/Profil.json"):
        assert classify(member, b"") is google_account
    assert google_account.claims("Profile.json", b'{"a": 1}') == 0
    assert google_account.claims("a.html", b"<html>") == 0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_files_never_raise(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([PAGE.format("").encode(), json.dumps(PROFILE).encode(), b""])))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=10))
    results = list(google_account.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")))
    assert all(isinstance(r, Record | Rejected) for r in results)
