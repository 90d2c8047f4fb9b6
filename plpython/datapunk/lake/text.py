"""Cleaning of texts and addresses, so that PostgreSQL can hold them and nothing secret is kept."""

import re
import unicodedata

_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2003": " ", "\u200e": None, "\u200f": None})
_SURROGATE = re.compile("[\ud800-\udfff]")
# What every match of _SECRET or _USER holds, in lower case; looking for these first is ten times as fast.
_SECRET_HINTS = (
    "token",
    "secret",
    "passw",
    "sig",
    "auth",
    "key",
    "pwd",
    "hmac",
    "jwt",
    "sess",
    "x-amz",
    "x-goog",
    "=xox",
    "@",
)
_SECRET = re.compile(
    r"([?&#;])(?:amp;)?"
    # Slack's own tokens stand in any parameter.
    r"(?:\w+=xox[a-z]-[^&#;]*"
    r"|(?:(?:[\w.-]*[_-])?(?:token|secret|password|passwd|signature)|(?:access|id|refresh|auth)token"
    r"|auth|authorization|api_?key|pwd|sig|hmac|jwt|session(?:_?id)?|phpsessid|jsessionid"
    r"|x-amz-[\w-]+|x-goog-[\w-]+)=[^&#;]*)",
    re.IGNORECASE,
)
_USER = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/?#@]*@", re.IGNORECASE)
# What a page may hold but lxml refuses to write back.
_NO_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF), "\ufffd")
_DROPPED_SCHEMES = ("javascript:", "data:", "vbscript:")
URL_CHARACTERS = 8_192
# Of the name of a source, a device, a metric or a unit: what an index holds, whatever the letters.
NAME_CHARACTERS = 200


def fold(text: str) -> str:
    """Return `text` with the spaces that exports put around verbs and times as plain ones; for parsing."""
    return text if text.isascii() else text.translate(_SPACES)


def storable(text: str) -> tuple[str, int]:
    """Return what PostgreSQL can hold of `text`, and how many characters became U+FFFD (NUL, lone surrogates)."""
    replaced = 0
    if "\x00" in text:
        replaced = text.count("\x00")
        text = text.replace("\x00", "\ufffd")
    if not text.isascii():
        text, surrogates = _SURROGATE.subn("\ufffd", text)
        replaced += surrogates
    return text, replaced


def short(name: str) -> str:
    """Return a name as PostgreSQL can hold and index it."""
    return storable(name[:NAME_CHARACTERS])[0]


def clean_url(url: str) -> str | None:
    """Return `url` without passwords, tokens and signatures; None for scripts and embedded data."""
    url = url.strip()
    lower = url.lower()
    if not url or lower.startswith(_DROPPED_SCHEMES):
        return None
    if "=" in lower or "@" in lower:
        for hint in _SECRET_HINTS:
            if hint in lower:
                return _without_secrets(url)[:URL_CHARACTERS]
    return url[:URL_CHARACTERS]


def _without_secrets(url: str) -> str:
    if url[:7].lower() != "mailto:":
        url = _USER.sub(r"\1", url)
    url = _SECRET.sub(r"\1", url)
    return re.sub(r"([?&#;])[&;]+", r"\1", url).rstrip("?&#;")


def normal(text: str) -> str:
    """Return the form in which titles are compared: NFC, folded case, single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.replace("\u200e", "").replace("\u200f", ""))
    return " ".join(text.casefold().split())


def html_text(html: str) -> str:
    """Return the visible text of an HTML page or mail, one line per block."""
    from lxml import etree
    from lxml import html as parser

    try:
        # An XML declaration with an encoding is an error for a text that is decoded already.
        # Without huge_tree a text of more than 10 MB is none, and nobody is told.
        reader = parser.HTMLParser(no_network=True, huge_tree=True)
        root = parser.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", html), parser=reader)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    for hidden in root.xpath("//script|//style|//head|//comment()"):
        if (parent := hidden.getparent()) is not None:
            if hidden.tail:
                previous = hidden.getprevious()
                if previous is not None:
                    previous.tail = ((previous.tail or "") + hidden.tail).translate(_NO_XML)
                else:
                    parent.text = ((parent.text or "") + hidden.tail).translate(_NO_XML)
            parent.remove(hidden)
    for block in root.iter("p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table"):
        block.tail = "\n" + (block.tail or "").translate(_NO_XML)
    for cell in root.iter("td", "th"):
        cell.tail = " " + (cell.tail or "").translate(_NO_XML)
    text = fold(str(root.text_content()))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
