"""The subroutines that a language model may put into a plan, and what it may say of each. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datapunk.gaia.plan.draft import ROUTES
from datapunk.gaia.plan.model import Type
from datapunk.gaia.plan.reading import parameters_of
from datapunk.gaia.vocabulary import GROUPS, KINDS

#: Finds and counts, and writes nothing: offered to every model. Others the owner allows by name (gaia_policy: tools).
ALWAYS = ROUTES
#: What no owner can allow: these change what Gaia keeps, or speak of Gaia.
NEVER = ("remember", "forget", "help", "explain")
#: A time in words, which Gaia turns into bounds itself; it stands where a subroutine reads since and until.
TIME = "time"
#: What may be left out of a count, and what the sides of a comparison may differ in.
LEFT_OUT = ("person", "channel", "site")
SIDED = (*LEFT_OUT, "place", TIME)
_UNITS = ("day", "week", "month", "quarter", "year")
#: The words that some parameters take; any other word would be read as something else, or not at all.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": KINDS, "direction": ("sent", "received"), "order": ("first", "last", "next"), "unit": _UNITS,
    "measure": ("count", "days", "distinct", "duration", "average", "share"),
    "group_by": (*dict.fromkeys(GROUPS.values()), "hour", "weekday", *_UNITS),
}  # fmt: skip
# A model names no other model, no conversation, and no question but the part that a step answers.
_HIDDEN = ("model", "conversation_id", "question", "not", "sides", "note", "subroutine")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A subroutine that may be called, with the parameters that a model may give.

    `has_phrase` where it also takes the words for its time, as those that come with the installation do.
    """

    name: str
    description: str
    parameters: Mapping[str, Type]
    has_phrase: bool = True

    @property
    def is_sided(self) -> bool:
        """Whether it compares sides."""
        return self.name == "compare"


def offer_of(name: str, description: str, input_schema: Mapping[str, Any], *, is_builtin: bool) -> Offer:
    """Return the offer of a subroutine by its declared input schema."""
    declared = parameters_of(input_schema)
    parameters: dict[str, Type] = {name: of for name, of in declared.items() if name not in _HIDDEN and of != "object"}
    if {"since", "until"} <= declared.keys():
        parameters[TIME] = "string"
    return Offer(name=name, description=description, parameters=parameters, has_phrase=is_builtin)
