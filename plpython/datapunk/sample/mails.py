"""The mail of the life: letters about its fixed events, conversations, newsletters, notices and spam."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.sample.life import Life, Seconds, awake, spread
from datapunk.sample.pages import headline
from datapunk.sample.people import Person, everyone, owner, with_role
from datapunk.sample.phrases import fill, stream, texts, token
from datapunk.sample.records import Mail
from datapunk.sample.videos import topics

SHARES = {"friend": 0.24, "family": 0.12, "colleague": 0.26, "landlady": 0.02, "newsletter": 0.2, "notice": 0.16}
LONG_LETTER_PARAGRAPHS = 330


class Post:
    """Sorts letters into threads and gives them their identifiers."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._seconds = Seconds()
        self.letters: list[Mail] = []

    def send(
        self,
        at: datetime,
        sender: Person,
        to: Sequence[Person],
        subject: str,
        paragraphs: Sequence[str],
        *,
        form: str = "plain",
        labels: Sequence[str] = (),
        answers: Mail | None = None,
        key: str = "",
        raw_header: bool = False,
    ) -> Mail:
        """Store one letter; its Gmail identifier carries the millisecond, as the real ones do."""
        at = self._seconds.free(at.replace(microsecond=0))
        number = len(self.letters)
        gmail_id = int(at.timestamp() * 1000) << 20 | (number & 0xFFFFF)
        place = "Sent" if sender == owner() else "Inbox"
        domain = sender.email.partition("@")[2]
        name = token(f"{self._seed} {number} {subject}", 20)
        letter = Mail(
            at=at,
            sender=sender,
            to=tuple(to),
            subject=subject,
            paragraphs=tuple(paragraphs),
            labels=tuple(labels) or (place, "Opened"),
            form=form if form == "html" or all(map(str.isascii, paragraphs)) else "quoted-printable",
            message_id=f"<{name}@mail.{domain}>",
            gmail_id=gmail_id,
            thread_id=answers.thread_id if answers else gmail_id,
            references=(*answers.references, answers.message_id) if answers else (),
            key=key,
            raw_header=raw_header,
        )
        self.letters.append(letter)
        return letter


def mails(seed: int, life: Life, count: int) -> list[Mail]:
    """About `count` letters (exactly, unless the letters about fixed events alone are more), in order of time."""
    post = Post(seed)
    _anchors(post, life)
    _quirks(post, seed)
    rng = stream(seed, "mails")
    rest = max(count - len(post.letters), 0)
    quotas = {kind: int(rest * share) for kind, share in SHARES.items()}
    quotas["notice"] += rest - sum(quotas.values())
    for kind, quota in quotas.items():
        until = len(post.letters) + quota
        while len(post.letters) < until:
            day = spread(rng, life.days, [1.0] * len(life.days), 1)[0]
            if kind == "newsletter":
                _newsletter(post, rng, life, day)
            elif kind == "notice":
                _notice(post, rng, life, day)
            else:
                _conversation(post, rng, life, day, kind, until - len(post.letters))
    return sorted(post.letters, key=lambda letter: letter.at)


def _anchors(post: Post, life: Life) -> None:
    people = everyone()
    sent: dict[str, Mail] = {}
    for raw in texts("anchors")["mail"]:
        day = raw["at"].date()
        if day < life.start:
            continue
        at = raw["at"].replace(tzinfo=ZoneInfo(life.zone(day))).astimezone(UTC)
        sent[raw["key"]] = post.send(
            at,
            people[raw["from"]],
            [people[raw["to"]]],
            raw["subject"],
            raw["body"],
            form="html" if raw.get("html") else "plain",
            labels=("Important", "Sent" if raw["from"] == "nora" else "Inbox", "Opened"),
            answers=sent.get(raw.get("reply", "")),
            key=raw["key"],
        )


def _words() -> dict[str, Any]:
    slots: dict[str, Any] = texts("mails")["slots"]
    return slots


def _about(rng: Random, person: Person) -> str:
    topic = rng.choice(person.topics)
    return fill(rng, rng.choice(texts("mails")["topic"][topic]["sentences"]), topics()[topic]["slots"], _words())


def _letter(rng: Random, frames: dict[str, Any], person: Person, writer: Person) -> list[str]:
    slots = topics()["maps and data"]["slots"] if person.role == "colleague" else _words()
    middle = [fill(rng, frame, slots, _words()) for frame in rng.sample(frames["general"], rng.choice((1, 2, 2, 3)))]
    if person.role != "colleague" or rng.random() < 0.3:
        middle.insert(rng.randrange(len(middle) + 1), _about(rng, person))
    opening = fill(rng, rng.choice(frames["openings"]), slots, _words())
    if writer == owner():
        opening = f"Hi {person.name.split()[0]}, {fill(rng, rng.choice(frames['replies']), slots, _words())}"
    close = fill(rng, rng.choice(frames["closes"]), slots, _words())
    return [opening, " ".join(middle), f"{close}\n{writer.name.split()[0]}"]


def _conversation(post: Post, rng: Random, life: Life, day: date, role: str, room: int) -> None:
    people = [person for person in with_role(role) if person.around(day)]
    if not people or (role == "colleague" and not life.works(day)):
        return
    person = rng.choices(people, [person.weight for person in people])[0]
    frames = texts("mails")[role]
    slots = topics()["maps and data"]["slots"] if role == "colleague" else {}
    subject = fill(rng, rng.choice(frames["subjects"]), slots, _words())
    at = life.moment(rng, day, *((9, 18) if role == "colleague" else (8, 21)))
    writer = person if rng.random() < 0.72 else owner()
    previous: Mail | None = None
    for _ in range(min(rng.choice((1, 1, 2, 2, 3, 4)), room)):
        if not awake(at) or at.date() > life.end or not person.around(at.date()):
            break
        body = _letter(rng, frames, person, writer)
        if previous:
            quoted = previous.paragraphs[0]
            body = [fill(rng, rng.choice(frames["replies"]), slots, _words()), *body[1:], f"> {quoted}"]
        form = rng.choices(("plain", "quoted-printable", "base64", "html"), (4, 3, 1, 2))[0]
        to = [owner() if writer == person else person]
        title = subject if previous is None else f"Re: {subject}"
        previous = post.send(at, writer, to, title, body, form=form, answers=previous)
        writer = person if writer == owner() else owner()
        at = life.moment(rng, at.date() + timedelta(days=rng.choice((0, 0, 1, 1, 2))), 8, 21)
        if at <= previous.at:
            at = previous.at + timedelta(minutes=rng.randrange(5, 90), seconds=rng.randrange(60))


def _newsletter(post: Post, rng: Random, life: Life, day: date) -> None:
    raw = texts("mails")["newsletter"]
    index = rng.randrange(len(raw["from"]))
    name, address = raw["from"][index]
    topic = raw["topics"][index]
    title = headline(rng, topic)
    subject = fill(rng, rng.choice(raw["subjects"]), _words(), title=title)
    items = [
        fill(rng, frame, _words(), title=headline(rng, topic))
        for frame in rng.sample(raw["items"], rng.choice((2, 3, 4)))
    ]
    body = [fill(rng, rng.choice(raw["leads"]), _words()), *items, rng.choice(raw["ends"]).format(weekday="Friday")]
    labels = ("Inbox", "Category Promotions", rng.choice(("Unread", "Opened")))
    sender = Person(key=address, name=name, email=address)
    post.send(life.moment(rng, day, 7, 10), sender, [owner()], subject, body, form="html", labels=labels)


def _notice(post: Post, rng: Random, life: Life, day: date) -> None:
    raw = rng.choice(texts("mails")["notice"])
    name, address = raw["from"]
    slots = topics()[raw["topic"]]["slots"] if "topic" in raw else {}
    subject = fill(rng, rng.choice(raw["subjects"]), slots, _words())
    lines = [fill(rng, frame, slots, _words()) for frame in rng.sample(raw["lines"], 2)]
    labels = ("Spam", "Unread") if raw.get("spam") else ("Inbox", "Category Updates", "Opened")
    form = rng.choice(("plain", "html", "base64"))
    sender = Person(key=address, name=name, email=address)
    body = ["Dear Nora Falk,", *lines, f"Yours, {name}"]
    post.send(life.moment(rng, day, 8, 20), sender, [owner()], subject, body, form=form, labels=labels)


def _quirks(post: Post, seed: int) -> None:
    people = everyone()
    rng = stream(seed, "long letter")
    everyday = texts("mails")["friend"]["general"]
    travel = texts("mails")["topic"]["travel"]["sentences"][0]
    diary = [
        f"Day {number // 22 + 1}, {rng.choice(('morning', 'noon', 'evening', 'night'))}. "
        + " ".join(
            fill(rng, frame, topics()["travel"]["slots"], _words()) for frame in (*rng.sample(everyday, 2), travel)
        )
        for number in range(LONG_LETTER_PARAGRAPHS)
    ]
    post.send(
        datetime(2025, 1, 4, 15, 0, tzinfo=UTC),
        owner(),
        [people["lea"], people["henrik"]],
        "Everything about Tokyo, the long version",
        ["You asked for all of it, so make tea first.", *diary, "That was all. I miss the bath."],
        key="quirk-long",
    )
    post.send(
        datetime(2025, 2, 18, 9, 30, tzinfo=UTC),
        people["ines"],
        [owner()],
        "The way back to Porto",
        [
            "I wrote the way down, as you asked:",
            "From Campanha take the tram to Bolhao.\nFrom there walk down to the river and count the bridges.",
            "We left the red scarf at Casa do Carvalhido.",
        ],
        key="quirk-from-line",
    )
    post.send(
        datetime(2025, 3, 20, 10, 5, tzinfo=UTC),
        Person(key="library", name="Biblioteca da Graça", email="loans@biblioteca-graca.example"),
        [owner()],
        "Empréstimo prolongado até sábado",
        ["O prazo do seu empréstimo foi prolongado."],
        key="quirk-raw-header",
        raw_header=True,
    )
