"""YouTube's tables in a Takeout: columns known by their words in several languages, else by the shape of cells."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from datapunk.lake.names import folded

VIDEO: Final = re.compile(r"[\w-]{11}", re.ASCII)
CHANNEL: Final = re.compile(r"UC[\w-]{22}", re.ASCII)
_COMMENT = re.compile(r"Ug[\w-]{10,}(?:\.[\w-]+)?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)

# The words of headers, folded, for each column; English, German, French, Spanish, Italian, Portuguese, Dutch, Japanese.
_WORDS: Final = {
    "comment": "comment id|kommentar id|id du commentaire|id del comentario|id commento|id do comentário|reactie id"
    "|コメント id",
    "chat": "live chat id|livechat id",
    "channel": "channel id|kanal id|id de la chaîne|id del canal|id canale|id do canal|kanaal id|チャンネル id",
    "channel_url": "channel url|kanal url|url de la chaîne|url del canal|url canale|url do canal|kanaal url",
    "channel_title": "channel title|kanaltitel|kanal titel|titre de la chaîne|título del canal|titolo canale"
    "|título do canal|kanaaltitel",
    "time": "comment create timestamp|comment creation timestamp|live chat create timestamp|create timestamp|created at"
    "|zeitstempel der erstellung des kommentars|zeitstempel der erstellung des livechats"
    "|horodatage de création du commentaire|marca de tiempo de creación del comentario|timestamp creazione commento"
    "|carimbo de data/hora de criação do comentário|tijdstempel van het aanmaken van de reactie|コメントの作成日時",
    "added": "playlist video creation timestamp|time added|video added timestamp"
    "|zeitstempel der erstellung des playlist videos",
    "price": "price|preis|prix|precio|prezzo|preço|prijs|価格",
    "currency": "currency code|currency|währungscode",
    "parent": "parent comment id|übergeordnete kommentar id|id du commentaire parent|id del comentario principal"
    "|id commento principale|id do comentário principal|id van bovenliggende reactie|親コメント id",
    "post": "post id|beitrags id|id de la publication|id de la publicación|id post|id da postagem|bericht id|投稿 id",
    "video": "video id|id de la vidéo|id del vídeo|id video|id do vídeo|動画 id",
    "text": "comment text|live chat text|kommentartext|livechat text|livechattext|texte du commentaire"
    "|texto del comentario|testo commento|texto do comentário|reactietekst|コメントのテキスト",
    "playlist": "playlist id",
    "playlist_title": "playlist title (original)|playlist title|title|titel der playlist (original)",
    "playlist_created": "playlist create timestamp|time created",
    "playlist_updated": "playlist update timestamp|time updated",
    "visibility": "playlist visibility|visibility",
    "description": "playlist description (original)|playlist description|description",
    "song": "song title|songtitel",
    "album": "album title|albumtitel",
    "artist": "artist name 1|artist name|interpretenname 1",
}
_COLUMN = {words: column for column, alternatives in _WORDS.items() for words in alternatives.split("|")}


def columns(header: Iterable[str]) -> dict[str, str]:
    """Return the header's own word for each column that is known by its words."""
    found: dict[str, str] = {}
    for word in header:
        if column := _COLUMN.get(folded(word).strip()):
            found.setdefault(column, word)
    return found


def guessed(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the header's word for the columns of comments and chats, from the shapes of one row's cells."""
    shapes: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("text", lambda cell: cell.lstrip().startswith("{") and '"text"' in cell),
        ("time", _TIME.fullmatch),
        ("channel", CHANNEL.fullmatch),
        ("comment", _COMMENT.fullmatch),
        ("video", VIDEO.fullmatch),
    )
    found: dict[str, str] = {}
    for word, cell in cells.items():
        for column, fits in shapes:
            if column not in found and fits(cell):
                found[column] = word
                break
    return found
