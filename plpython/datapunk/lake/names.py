"""Comparing names of members, which exports write in the person's language."""

import unicodedata
from posixpath import basename

_FOLD = str.maketrans({"İ": "i", "I": "i", "ı": "i", "-": " ", "_": " "})


def folded(name: str) -> str:
    """Return the form in which names are compared: NFC, one case (the Turkish i too), hyphens as spaces."""
    return unicodedata.normalize("NFC", name).translate(_FOLD).casefold()


def last_part(member: str) -> str:
    """Return the folded file name of a member's path."""
    return folded(basename(member))


def named(*names: str) -> frozenset[str]:
    """Return folded `names`, to look a `last_part` up in."""
    return frozenset(folded(name) for name in names)
