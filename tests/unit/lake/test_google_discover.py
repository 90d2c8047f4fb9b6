from collections.abc import Callable

from datapunk.lake.record import Found, Record
from datapunk.lake.registry import by_name, classify, listing_of

Parse = Callable[..., list[Found]]

FOLLOWS = b'followed_entity\nTea\n"Die Zeit, Hamburg"\nhttps://a.example/x?token=secret&id=5\n'
SETTINGS = "entity_name,setting_value\nFußball,not_interested\nDaily News,blocked\n".encode()
LIKES = b"Title,Link\nHow tea is made,https://a.example/tea\n"


def rows(found: Parse, content: bytes, member: str) -> list[Record]:
    return [one for one in found(content, f"Takeout/{member}") if isinstance(one, Record)]


def test_what_is_followed_is_a_document_a_row(found: Parse) -> None:
    assert [(one.title, one.url, one.attributes) for one in rows(found, FOLLOWS, "Discover/Follows.csv")] == [
        ("Tea", None, {"type": "discover_follow"}),
        ("Die Zeit, Hamburg", None, {"type": "discover_follow"}),
        ("https://a.example/x?id=5", "https://a.example/x?id=5", {"type": "discover_follow"}),
    ]


def test_what_one_wants_no_more_of_tells_how(found: Parse) -> None:
    assert [(one.title, one.attributes["setting"]) for one in rows(found, SETTINGS, "Discover/Not interested.csv")] == [
        ("Fußball", "not_interested"), ("Daily News", "blocked"),
    ]  # fmt: skip


def test_a_like_is_known_by_its_place_and_has_its_address(found: Parse) -> None:
    (like,) = rows(found, LIKES, "Discover/Likes.csv")
    assert (like.source, like.title, like.url) == ("google_discover", "How tea is made", "https://a.example/tea")


def test_columns_are_known_whatever_the_folder_is_called(found: Parse) -> None:
    spaced = FOLLOWS.replace(b"followed_entity", b"Followed Entity")
    assert rows(found, spaced, "Entdecken/x.csv")[0].external_id == "discover_follow:Tea"


def test_a_table_in_another_folder_is_a_table() -> None:
    adapter = classify("Takeout/Drive/Likes.csv", LIKES)
    assert adapter is not None
    assert adapter.NAME == "table"


def test_each_table_lists_a_state() -> None:
    listed = listing_of(by_name("google_discover"), "Takeout/Discover/Follows.csv", FOLLOWS)
    assert listed == ("discover:discover_follow", True)


def test_a_row_about_nothing_is_rejected(found: Parse) -> None:
    (one,) = found(b"entity_name,setting_value\n,blocked\n", "Takeout/Discover/x.csv")
    assert not isinstance(one, Record)
