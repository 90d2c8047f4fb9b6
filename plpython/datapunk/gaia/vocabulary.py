"""The words by which questions name kinds of things, groups and directions."""

# A noun says more about what is asked for than a verb: "mails in which I searched for a flat".
KIND_NOUNS: dict[str, str] = {
    **dict.fromkeys(("video", "videos", "clip", "clips", "channel", "channels", "youtuber", "youtubers", "creator",
                     "creators", "talk", "talks", "film", "films", "vids", "youtube", "view", "views"), "watch"),
    **dict.fromkeys(("search", "searches", "query", "queries", "googling", "term", "terms"), "search"),
    **dict.fromkeys(("page", "pages", "site", "sites", "website", "websites", "visit", "visits", "domain", "domains",
                     "article", "articles", "webpage", "webpages", "browser", "browsing", "web",
                     "internet"), "visit"),
    **dict.fromkeys(("mail", "mails", "email", "emails", "e-mail", "e-mails", "inbox", "correspondent",
                     "correspondents", "sender", "senders", "newsletter", "newsletters", "letter", "letters"), "mail"),
    **dict.fromkeys(("meeting", "meetings", "event", "events", "appointment", "appointments", "calendar",
                     "birthday", "birthdays", "entries", "schedule", "agenda"), "event"),
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
                     "search for", "google the", "typed"), "search"),
    **dict.fromkeys(("visit", "visited", "visiting", "open", "opened", "read", "browse", "browsed"), "visit"),
    **dict.fromkeys(("write", "wrote", "written", "writes", "mailed", "emailed", "hear from", "heard from", "sent",
                     "send", "sends", "received", "receive", "reply", "replied", "mails me", "invite", "invited",
                     "told", "announced"), "mail"),
    **dict.fromkeys(("meet", "met", "meeting up", "get together", "got together", "planned", "scheduled"),
                    "event"),
    **dict.fromkeys(("listen", "listened"), "listen"),
    **dict.fromkeys(("bought", "buy", "ordered"), "purchase"),
}  # fmt: skip
# What a ranking is of.
GROUPS: dict[str, str] = {
    **dict.fromkeys(("channel", "channels", "youtuber", "youtubers", "creator", "creators"), "channel"),
    **dict.fromkeys(("site", "sites", "website", "websites", "domain", "domains"), "site"),
    **dict.fromkeys(("query", "queries", "searches", "search", "term", "terms"), "query"),
    **dict.fromkeys(("place", "places", "location", "locations", "venue", "venues"), "place"),
    **dict.fromkeys(("who", "whom", "person", "people", "correspondents", "correspondent", "contacts", "contact",
                     "senders", "sender", "colleagues", "friends", "participants", "attendees", "guests",
                     "companions"), "person"),
    **dict.fromkeys(("video", "videos", "page", "pages", "event", "events", "meeting", "meetings", "article",
                     "articles", "clips", "talks", "app", "apps", "song", "songs", "track", "tracks"), "title"),
}  # fmt: skip
KIND_OF_GROUP = {"channel": "watch", "site": "visit", "query": "search", "person": "mail"}
GROUP_OF_KIND = {
    "watch": "channel", "visit": "site", "search": "query", "mail": "person", "message": "person", "event": "title",
    "listen": "title", "app_use": "title", "purchase": "title", "photo": "title", "task": "title", "document": "title",
    "place_visit": "place",
}  # fmt: skip
# The kinds that a question may be limited to by an option.
KINDS = (
    "app_use", "contact", "document", "event", "highlight", "listen", "mail", "message", "movement", "note", "photo",
    "place_visit", "purchase", "search", "security_event", "task", "visit", "watch",
)  # fmt: skip
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
# Words of asking for something: what is left of a question without them is its topic. They may be part of a name.
_ASKING_WORDS = """
altogether overall total totally sum roughly approximately about around across along work works please tells telling
told knowing knows thank thanks hello hi hey okay well maybe perhaps actually really simply simply briefly quick quickly
looking look looks looked back see sees saying call called counting counts counted numbers amounts sums average averaged
averages mean means share shares percent percentage proportion fraction part parts portion different distinct unique
separate various single individual kind kinds type types sort sorts large larger largest high higher highest low lower
lowest less fewer few little big bigger long longer longest short hour hours minute minutes second seconds duration
spending spends passed passes pass elapsed late later early earlier soon currently today yesterday tomorrow ones someone
somebody anyone anybody everyone everybody nobody whoever myself ourselves own mine besides except excluding without
including other others else instead rather whether if because since ending ended ends end happening occurred occur
weekday weekdays weekend weekends monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays
thursdays fridays saturdays sundays morning mornings afternoon afternoons evening evenings night nights daily weekly
monthly yearly annual annually quarter quarterly quarters season spring summer autumn fall winter century decade
compare compares compared comparing comparison versus vs against difference differ between contrast more most
trend trends develop develops developed development evolve evolved evolution change changes changed changing increase
increased increasing decrease decreased decreasing grow grows grew growth rise rises rose rising falling fell tendency
up down chart plot graph curve series course progress
summarize summarise summary summaries summarized summarised gist overview recap outline digest brief essence key points
point main shorten condense
similar similarly alike resemble resembles resembling comparable related relation close closely akin near nearest like
joined join joins accompanied accompany company together attend attended attending travel travelled traveled travels
touch contact exchange exchanged correspond corresponded talk talked discuss discussed involved
located location locations place places spot spots venue venues where
forecast predict prediction expect expected estimate estimated outlook project projection coming upcoming ahead
anomaly anomalies unusual unusually odd oddly strange outlier outliers abnormal weird irregular suspicious detect stand
mood sentiment tone feeling feelings emotion emotional positive negative friendly angry happy sad sound sounds annoyed
row rows entry figure figures result results order ordered sort sorted go going through walk day's gave given giving
number's counted fall fell falls pay paid keep keeps kept lead led leading account accounts put puts set sets fit
guest guests participant participants attendee attendees among frequent frequented frequents rank rankings
popular common commonest usual usually regular regularly mostly typed typing played playing
fraction piece pieces numerous majority
time's clip watching watched went gone leave leaving fell out only just besides note noted inside outside behind
apart ignore ignoring aside disregard disregarding skip skipping right lead leads leading prior typical once
hear heard hears make makes maker makers companion companions planned scheduled plan plans boil down few sentences
arrive arrived arrives arriving wonder wondering curious whether cost costs add added adds length history internet web
considering consider considered sit sat dominate dominates dominated repeat repeats repeated fill fills filled reached
online left twice commonest repeats repetition duplicates such then else included includes including counts
please altogether mine ours yours thereof
whole entire entirely complete completely full fully exact precise precisely given say regarding total totals grand
mention bring brings brought happened went gone look looks turn turns turned run runs ran stay stayed remain remained
best worst main mainly chiefly often seldom frequent prefer preferred preferably enjoy enjoyed love loved like liked
consist consists consisted amounted amount come comes visit visits visited reach reached
"""
ASKING_WORDS = frozenset(_ASKING_WORDS.split()) | FUNCTION_WORDS
