"""Which adapter reads a member: by what it holds, then by the archive's index of folders, then by its name."""

from datapunk.lake import registry
from datapunk.lake.names import folded
from datapunk.lake.takeout import product_path

#: The folder of a product in English exports, by Google's own word for the product.
_FOLDERS = {
    "ACCESS_LOG_ACTIVITY": "Access Log Activity", "ANDROID": "Android Device Configuration Service",
    "BLOGGER": "Blogger", "BOOKMARKS": "Google Bookmarks", "CALENDAR": "Calendar", "CHROME": "Chrome",
    "CONTACTS": "Contacts", "DISCOVER": "Discover", "DRIVE": "Drive", "DYNAMITE": "Google Chat", "FIT": "Fit",
    "GMAIL": "Mail", "MAIL": "Mail", "GOOGLE_ACCOUNT": "Google Account", "GOOGLE_PAY": "Google Pay",
    "HANGOUTS": "Hangouts", "HANGOUTS_CHAT": "Google Chat", "CHAT": "Google Chat", "KEEP": "Keep",
    "LOCATION_HISTORY": "Location History", "TIMELINE": "Timeline", "LOCAL_ACTIONS": "Maps (your places)",
    "MAPS": "Maps (your places)", "MY_MAPS": "My Maps", "MY_ACTIVITY": "My Activity", "NEWS": "News",
    "PHOTOS": "Google Photos", "PLUS_PHOTOS": "Google Photos", "PLAY": "Google Play Store",
    "PLAY_STORE": "Google Play Store", "PROFILE": "Profile", "SAVE": "Saved", "SAVED": "Saved",
    "SEARCH_UGC": "Search Contributions", "SHOPPING": "Google Shopping", "TASKS": "Tasks", "VOICE": "Voice",
    "YOUTUBE": "YouTube and YouTube Music", "YOUTUBE_MUSIC": "YouTube and YouTube Music",
}  # fmt: skip
# What holds no record in any of the forms that there are.
_NOTHING = (b"", b"[]", b"{}")


def classify(member: str, head: bytes, folders: dict[str, str]) -> registry.Adapter | None:
    """Return the adapter of a member; None where none claims it.

    `folders` gives Google's word for a product by the localised name of its folder, folded. It counts where the content
    does not decide: the path is looked at as an English export would have it too.
    """
    english = _english(member, folders) if folders else None
    if head.strip() in _NOTHING:
        return _by_place(member, english) or registry.claim(member, head.strip())[0]
    found, sure = registry.claim(member, head)
    if english and sure < registry.SURE:
        named, surer = registry.claim(english, head)
        if surer > sure:
            return named
    return found


def _by_place(member: str, english: str | None) -> registry.Adapter | None:
    """Return the adapter of a file in which nothing tells whose it is, as of an empty list."""
    for path in filter(None, (english, member)):
        adapter, sure = registry.claim(path, b"")
        if sure >= registry.BY_NAME:
            return adapter
    return None


def _english(member: str, folders: dict[str, str]) -> str | None:
    parts = product_path(member)
    name = _FOLDERS.get(folders.get(folded(parts[0]), "")) if len(parts) > 1 else None
    return "/".join(("Takeout", name, *parts[1:])) if name and name != parts[0] else None
