"""The text of MediaWiki's markup as people read it: without templates, tables, notes and files."""

import html
import re

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NOTE = re.compile(r"<ref\b[^>]*/>|<(ref|math|gallery|timeline|syntaxhighlight|score)\b[^>]*>.*?</\1\s*>", re.S | re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_NESTED = re.compile(r"\{\{|\}\}|\{\||\|\}")
_INNERMOST_LINK = re.compile(r"\[\[([^\[\]]*)\]\]")
_OUTSIDE_LINK = re.compile(r"\[(?:https?:)?//[^\s\]]+\s*([^\]]*)\]")
_HEADING = re.compile(r"^(={1,6})\s*(.+?)\s*\1\s*$", re.MULTILINE)
_QUOTES = re.compile(r"'{2,5}")
_SWITCH = re.compile(r"__[A-Z]+__")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")
# Namespaces whose links show no words: files and categories, as the larger Wikipedias call them.
_NO_WORDS = frozenset(
    (
        "file", "image", "category", "datei", "bild", "kategorie", "fichier", "catégorie", "archivo", "imagen",
        "categoría", "bestand", "afbeelding", "categorie", "immagine", "categoria", "ficheiro", "dosya", "kategori",
        "файл", "категория", "plik", "kategoria", "fil", "文件", "分类", "ファイル", "カテゴリ", "ملف", "تصنيف",
    )
)  # fmt: skip


def plain(wikitext: str) -> str:
    """Return the words of a page, a paragraph a line. What is not closed is left as it stands."""
    text = _NOTE.sub("", _COMMENT.sub("", wikitext))
    text = _without_nested(text)
    # A file's caption may hold links, so that inner ones go first.
    for _ in range(4):
        text, count = _INNERMOST_LINK.subn(_words, text)
        if not count:
            break
    text = _OUTSIDE_LINK.sub(r"\1", text)
    text = _HEADING.sub(r"\2", _SWITCH.sub("", _QUOTES.sub("", _TAG.sub("", text))))
    lines = (line.strip() for line in _BLANK_LINES.sub("\n", html.unescape(text)).splitlines())
    return "\n".join(line for line in lines if line)


def _without_nested(text: str) -> str:
    """Leave out templates {{...}} and tables {|...|}, which lie in one another."""
    kept: list[str] = []
    opened: list[str] = []
    last = 0
    for mark in _NESTED.finditer(text):
        what = mark[0]
        if what in ("{{", "{|"):
            if not opened:
                kept.append(text[last : mark.start()])
                last = mark.start()
            opened.append(what)
        elif opened and opened[-1] == ("{{" if what == "}}" else "{|"):
            opened.pop()
            if not opened:
                last = mark.end()
    kept.append(text[last:])
    return "".join(kept)


def _words(link: re.Match[str]) -> str:
    target, _, label = link[1].partition("|")
    if target.partition(":")[0].strip().casefold() in _NO_WORDS and ":" in target:
        return ""
    return label.rpartition("|")[2] if label else target.lstrip(":")
