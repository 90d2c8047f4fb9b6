"""The people of the life and the senders of automatic mail."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from datapunk.sample.phrases import texts


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody with an address; `weight` says how often they write, `topics` about what."""

    key: str
    name: str
    email: str
    role: str = "sender"
    weight: float = 0
    since: date = date.min
    until: date = date.max
    topics: tuple[str, ...] = ()

    def around(self, day: date) -> bool:
        """Whether the person is part of the life on that day."""
        return self.since <= day <= self.until


@cache
def everyone() -> dict[str, Person]:
    """All people by key, the owner among them."""
    raw = texts("people")
    owner = raw["owner"]
    people = [Person(key=owner["key"], name=owner["name"], email=owner["email"], role="owner")]
    people += [Person(**{**entry, "topics": tuple(entry["topics"])}) for entry in raw["person"]]
    people += [Person(**entry) for entry in raw["sender"]]
    return {person.key: person for person in people}


def owner() -> Person:
    """The person whose archive it is."""
    return everyone()["nora"]


def with_role(*roles: str) -> list[Person]:
    """People of these roles, in the order of the file."""
    return [person for person in everyone().values() if person.role in roles]
