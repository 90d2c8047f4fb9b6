"""The words by which questions name kinds of things, groups and directions."""

# A noun says more about what is asked for than a verb: "mails in which I searched for a flat".
KIND_NOUNS: dict[str, str] = {
    **dict.fromkeys(("video", "videos", "clip", "clips", "channel", "channels", "youtuber", "youtubers", "creator",
                     "creators", "talk", "talks", "film", "films", "vids", "youtube"), "watch"),
    **dict.fromkeys(("search", "searches", "query", "queries", "googling", "term", "terms"), "search"),
    **dict.fromkeys(("page", "pages", "site", "sites", "website", "websites", "visit", "visits", "domain", "domains",
                     "article", "articles", "webpage", "webpages", "browser", "web"), "visit"),
    **dict.fromkeys(("mail", "mails", "email", "emails", "e-mail", "e-mails", "inbox", "correspondent",
                     "correspondents", "sender", "senders", "newsletter", "newsletters", "letter", "letters"), "mail"),
    **dict.fromkeys(("meeting", "meetings", "event", "events", "appointment", "appointments", "calendar",
                     "birthday", "birthdays", "entries"), "event"),
    **dict.fromkeys(("message", "messages", "chat", "chats"), "message"),
    **dict.fromkeys(("song", "songs", "track", "tracks"), "listen"),
    **dict.fromkeys(("app", "apps"), "app_use"),
    **dict.fromkeys(("purchase", "purchases"), "purchase"),
    **dict.fromkeys(("note", "notes"), "note"),
    **dict.fromkeys(("photo", "photos"), "photo"),
    **dict.fromkeys(("task", "tasks"), "task"),
    **dict.fromkeys(("document", "documents"), "document"),
}  # fmt: skip
KIND_VERBS: dict[str, str] = {
    **dict.fromkeys(("watch", "watched", "watching", "saw", "seen"), "watch"),
    **dict.fromkeys(("searched", "searching", "google", "googled", "look up", "looked up", "look for", "looked for",
                     "search for"), "search"),
    **dict.fromkeys(("visited", "visiting", "open", "opened", "read", "browse", "browsed"), "visit"),
    **dict.fromkeys(("write", "wrote", "written", "writes", "mailed", "emailed", "hear from", "heard from", "sent",
                     "send", "sends", "received", "receive", "reply", "replied", "mails me", "invite", "invited",
                     "told", "announced"), "mail"),
    **dict.fromkeys(("meet", "met"), "event"),
    **dict.fromkeys(("listen", "listened"), "listen"),
    **dict.fromkeys(("bought", "buy", "ordered"), "purchase"),
}  # fmt: skip
# What a ranking is of.
GROUPS: dict[str, str] = {
    **dict.fromkeys(("channel", "channels", "youtuber", "youtubers", "creator", "creators"), "channel"),
    **dict.fromkeys(("site", "sites", "website", "websites", "domain", "domains"), "site"),
    **dict.fromkeys(("query", "queries", "searches", "search", "term", "terms"), "query"),
    **dict.fromkeys(("who", "whom", "person", "people", "correspondents", "correspondent", "contacts", "contact",
                     "senders", "sender", "colleagues", "friends"), "person"),
    **dict.fromkeys(("video", "videos", "page", "pages", "event", "events", "meeting", "meetings", "article",
                     "articles", "clips", "talks"), "title"),
}  # fmt: skip
KIND_OF_GROUP = {"channel": "watch", "site": "visit", "query": "search", "person": "mail"}
GROUP_OF_KIND = {
    "watch": "channel", "visit": "site", "search": "query", "mail": "person", "message": "person", "event": "title",
    "listen": "title",
}  # fmt: skip
# (singular, plural, what the person did, as in "You watched 3 videos")
NOUNS: dict[str, tuple[str, str, str]] = {
    "watch": ("video", "videos", "watched"),
    "search": ("search", "searches", "made"),
    "visit": ("page visit", "page visits", "made"),
    "mail": ("mail", "mails", "have"),
    "event": ("calendar entry", "calendar entries", "had"),
    "message": ("message", "messages", "have"),
    "listen": ("song", "songs", "listened to"),
    "app_use": ("app use", "app uses", "made"),
    "purchase": ("purchase", "purchases", "made"),
    "note": ("note", "notes", "have"),
    "photo": ("photo", "photos", "have"),
    "task": ("task", "tasks", "have"),
    "document": ("document", "documents", "have"),
    "place_visit": ("visit", "visits", "made"),
    "security_event": ("security event", "security events", "had"),
    "contact": ("contact", "contacts", "have"),
    "highlight": ("highlight", "highlights", "have"),
    "movement": ("trip", "trips", "made"),
}
GROUP_NOUNS = {
    "channel": ("channel", "channels"), "site": ("site", "sites"), "query": ("search", "searches"),
    "person": ("person", "people"), "title": ("title", "titles"),
}  # fmt: skip
NUMBERS = {
    w: n for n, w in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}
# Words that carry no topic. Forms of asking and counting are here, since the route has taken them in.
_FUNCTION_WORDS = """
a an the this that these those it its i me my mine we us our you your he him his she her they them their one
ones am is are was were be been being do does did done doing have has had having can could will would shall
should may might must to of in on at by for from with without about into onto over under up down out off as
than then so and or but not no nor if while during since until till before after between ago per through
against any some all each every both few many much more most less least other another such same own just only
very too also ever never always often once yet still again already now here there what which who whom whose
when where why how count number total amount times time frequently frequency sum figure tell show list give
find search look know want need like please think let say says said top best ranking rank favourite favorite
favourites first last latest earliest recent recently newest oldest next previous day days date week weeks
month months year years long start started begin began stop stopped use used get got getting go goes went come
came make made take took spend spent regarding concerning related mention mentions mentioned contain contains
containing mentioning called named anything something everything thing things stuff item items different
various biggest highest largest recommend recommends recommended recommendation recommendations suggest
suggested suggestion suggestions happen happened happens exactly ask asked asks far new history data according
word i'm i've i'd it's what's who's when's don't didn't haven't
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
