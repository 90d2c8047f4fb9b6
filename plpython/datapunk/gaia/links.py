"""Text of others as it may be shown: nothing in it loads by itself, and nothing leads to a stranger by a click. Pure.

An image whose address carries data sends it as soon as an answer is displayed, and a link does when it is followed; so
markup is taken away, and addresses stand as plain words or are left out.
"""

import re
import unicodedata
from collections.abc import Callable, Collection

LEFT_OUT = "[link left out]"
_LABEL = r"\[((?:[^\[\]]|\[[^\[\]]*\]){0,500})\]"
_IMAGE = re.compile(rf"!{_LABEL}(?:\([^)]{{0,2000}}\)|\[[^\]]{{0,200}}\])", re.DOTALL)
_LINK = re.compile(rf"{_LABEL}\(\s*<?([^)\s>]{{0,2000}})>?[^)]{{0,500}}\)", re.DOTALL)
_DEFINITION = re.compile(r"^[ \t]{0,3}\[[^\]\n]{1,200}\]:[ \t]*\S.*$", re.MULTILINE)
_TAG = re.compile(r"<(?=[a-zA-Z/!?])[^<>]{0,2000}>", re.DOTALL)
_AUTOLINK = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]*:[^<>\s]{1,2000})>")
# Browsers take a backslash for a slash, and none at all for two.
_SCHEME = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}:[/\\\\]{1,3}|(?:https?|ftp|javascript|data|mailto|tel|sms|file|blob|vbscript|intent):(?=\S)",
    re.IGNORECASE,
)
# What programs make a link of though it names no scheme: www., and a host with a path or a query.
_BARE = re.compile(
    r"(?<![\w@.:])[/\\\\]{2}[\w-]|(?<!\w)www\.\w|(?<![\w@])(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?[/?#\\\\]\S"
    r"|(?<![\w@.])(?:\d{1,3}\.){3}\d{1,3}[:/?]\S",
    re.IGNORECASE,
)
# Characters that everybody sees, as nearly all are in the languages that Gaia speaks.
_SEEN = re.compile("[\n\t -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20c0]*")
_Shown = Callable[[str], str]
_EDGES = "“”\"'‘’()[]{}<>,;.!*_`|"


def visible(text: str) -> str:
    """Return a text without characters that nobody sees: of direction, of tags, of width nought.

    Those that join the letters of a script or an emoji stay.
    """
    return text if _SEEN.fullmatch(text) else "".join(c for c in text if not _is_hidden(c))


def without_links(text: str, own: Collection[str] = ()) -> str:
    """Return what a language model wrote with no image, no markup and no address but those in `own`."""
    return _without_markup(visible(text), lambda address: address if address in own else LEFT_OUT)


def unlinked(text: str, own: Collection[str] = ()) -> str:
    """Return text of an item, as quoted, with its addresses to read but not to click; those in `own` stay."""
    return _without_markup(visible(text), lambda address: address if address in own else _bare_words(address))


def _is_hidden(character: str) -> bool:
    if character in "\n\t\u200c\u200d\ufe0f":
        return False
    category = unicodedata.category(character)
    return category in ("Cf", "Cc", "Co", "Cs") or 0xE0100 <= ord(character) <= 0xE01EF


def _without_markup(text: str, shown: _Shown) -> str:
    before = None
    # Taking one piece away may leave another one behind.
    for _ in range(5):
        if text == before:
            break
        before = text
        text = _IMAGE.sub(lambda m: m[1], text)
        text = _LINK.sub(_link, text)
        text = _DEFINITION.sub("", text)
        text = _AUTOLINK.sub(lambda m: m[1], text)
        text = _TAG.sub("", text)
    # Most texts hold no address at all: told once for all words.
    if unicodedata.is_normalized("NFKC", text) and not (_SCHEME.search(text) or _BARE.search(text)):
        return text
    return re.sub(r"[^\s|]+", lambda m: _word(m[0], shown), text)


def _link(found: re.Match[str]) -> str:
    """Take a link apart: a program may make one of anything in brackets with something in parentheses behind it."""
    label, target = found[1], unicodedata.normalize("NFKC", found[2])
    # The number of a citation is to stay one.
    shown = f"[{label}]" if label.strip().isdigit() else label
    if "." in target or target[:1] in ("/", "#", "\\") or _SCHEME.search(target) or _BARE.search(target):
        return shown if label == target else f"{shown} {target}"
    return f"{shown} {found[0][len(label) + 2 :]}"


def _word(word: str, shown: _Shown) -> str:
    plain = unicodedata.normalize("NFKC", word)
    found = _SCHEME.search(plain) or _BARE.search(plain)
    if not found:
        return word
    if plain == word:
        start = found.start()
        address = word[start:].rstrip(_EDGES)
        return word[:start] + shown(address) + word[start + len(address) :]
    # Written with letters that only look like those of an address.
    return shown(plain.strip(_EDGES))


def _bare_words(address: str) -> str:
    words = address
    while found := _SCHEME.search(words):
        words = words[found.end() :]
    words = words.lstrip("/\\")
    return words[4:] if words.lower().startswith("www.") else words
