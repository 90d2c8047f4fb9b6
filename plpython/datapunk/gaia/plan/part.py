"""What a question is taken apart into. Pure."""

from dataclasses import dataclass
from typing import Literal

from datapunk.gaia.plan.anaphora import Link

Form = Literal["clause", "bare"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that is asked for. `links` point to parts before it.

    A `bare` part leaves out what the one before says (and when?). A part that is `is_support` is only asked because
    another needs it; one that `is_bounded` lies before or after the moment of a clause, which the calendar may tell:
    then it is asked as a `whole`.
    `wanted` is the subroutine where the grammar leaves one alone; `unit` what a peak is looked for in.
    """

    text: str
    form: Form = "clause"
    links: tuple[Link, ...] = ()
    is_support: bool = False
    wanted: str | None = None
    unit: str = ""
    is_bounded: bool = False
    whole: str = ""
