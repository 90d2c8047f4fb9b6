"""What the parts of the generator hand to the writers: one class a kind of record."""

from dataclasses import dataclass
from datetime import date, datetime

from datapunk.sample.people import Person


@dataclass(frozen=True, kw_only=True, slots=True)
class Video:
    """A video of the invented catalogue."""

    id: str
    title: str
    channel: str
    topic: str
    thread: str
    published: date

    @property
    def url(self) -> str:
        """Address of the watch page."""
        return f"https://www.youtube.com/watch?v={self.id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """A video watched; without `video` it has been removed since."""

    at: datetime
    video: Video | None
    advert: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page of an invented site."""

    url: str
    title: str
    domain: str
    section: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A page seen in the browser."""

    at: datetime
    title: str
    url: str
    transition: str = "LINK"


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    """An entry of My Activity: a search, a click on a result, a route, the use of an app."""

    at: datetime
    product: str
    verb: str
    text: str
    url: str
    point: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A letter. `form` of its body: plain, quoted-printable, base64, or html with a plain alternative."""

    at: datetime
    sender: Person
    to: tuple[Person, ...]
    subject: str
    paragraphs: tuple[str, ...]
    labels: tuple[str, ...]
    form: str
    message_id: str
    gmail_id: int
    thread_id: int
    references: tuple[str, ...] = ()
    key: str = ""
    raw_header: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """A VEVENT. `start` and `end` are dates for whole days, else local times of `zone`; `end_zone` where it differs."""

    uid: str
    calendar: str
    start: date | datetime
    end: date | datetime
    summary: str
    zone: str
    end_zone: str = ""
    in_utc: bool = False
    description: str = ""
    location: str = ""
    organizer: Person | None = None
    attendees: tuple[Person, ...] = ()
    status: str = "CONFIRMED"
    rrule: str = ""
    recurs_on: tuple[date, ...] = ()
    left_out: tuple[datetime, ...] = ()
    moved_from: datetime | None = None
    key: str = ""

    @property
    def days(self) -> tuple[date, ...]:
        """Day of each occurrence, local; instances that were moved or left out are not among them."""
        return self.recurs_on or (self.start.date() if isinstance(self.start, datetime) else self.start,)
