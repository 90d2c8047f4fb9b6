"""Real texts from the data sets beside the checkout, and any number of variations of them for measurements of scale."""

import json
import os
import random
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 900


def shared_folder() -> Path:
    """Return the folder of public data sets. Raises SystemExit where there is none."""
    folder = Path(os.environ.get("DATAPUNK_SHARED", ROOT.parent / "shared"), "data/public")
    if not folder.is_dir():
        raise SystemExit(f"no data sets at {folder}; set DATAPUNK_SHARED")
    return folder


def real_texts() -> list[str]:
    """Return some hundred thousand distinct texts: comments, reviews, mails, chats, speeches, abstracts; shuffled."""
    texts = list(dict.fromkeys(text for text in map(_one_line, _all(shared_folder())) if 15 <= len(text) <= LONGEST))
    random.Random(1).shuffle(texts)
    return texts


def variations(texts: list[str], count: int) -> Iterator[tuple[int, str]]:
    """Yield `count` distinct texts with the number of the one that each comes from: the real ones once as they are,
    then with about a sixth of their words left out or replaced by words of others, as often as these are used."""
    rng = random.Random(2)
    words = [text.split() for text in texts]
    for number in range(count):
        origin = number % len(texts)
        if number < len(texts):
            yield origin, texts[origin]
            continue
        kept = [
            rng.choice(words[int(rng.random() * len(words))]) if rng.random() < 0.1 else word
            for word in words[origin]
            if rng.random() > 0.07
        ]
        yield origin, f"{' '.join(kept)} {_NAMES[number % len(_NAMES)]} {number}"


_NAMES = ("Ana", "Ben", "Chloe", "Dario", "Emre", "Fatima", "Goran", "Hanna", "Ines", "Jonas")
_PARAGRAPH = re.compile(r"\n\s*\n")


def _one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _all(folder: Path) -> Iterator[str]:
    for name in ("train", "dev"):
        yield from _column(folder / f"emo_goemotions/original/{name}.tsv", 0)
    yield from _column(folder / "sent_mr_rtpolarity/mr.tsv", 1)
    yield from _column(folder / "sent_cr/cr.tsv", 1)
    for name in ("Pros", "Cons"):
        lines = (folder / f"sent_pros_cons/Integrated{name}.txt").read_text("latin-1").splitlines()
        yield from (re.sub(r"</?\w+>", "", line) for line in lines)
    yield from _column(folder / "fed_shakespeare/speeches.tsv", -1)
    for name in ("cranfield", "cisi", "cacm"):
        with (folder / f"ir_{name}/corpus.jsonl").open(encoding="utf-8") as lines:
            yield from (re.sub(r"\s+", " ", json.loads(line)["text"])[:LONGEST] for line in lines)
    yield from _members(folder / "mail_spamassassin/spamassassin.tar.gz", _paragraphs)
    yield from _members(folder / "chat_irc_disentangle/irc.tar.gz", str.splitlines, suffix=".raw.txt")


def _column(path: Path, number: int) -> Iterator[str]:
    for line in path.read_text("utf-8", errors="replace").rstrip("\n").split("\n"):
        yield line.split("\t")[number]


def _paragraphs(mail: str) -> list[str]:
    return _PARAGRAPH.split(mail.partition("\n\n")[2])


def _members(path: Path, split: Callable[[str], list[str]], suffix: str = ".txt") -> Iterator[str]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(suffix) and (file := archive.extractfile(member)):
                yield from split(file.read().decode("utf-8", errors="replace"))
