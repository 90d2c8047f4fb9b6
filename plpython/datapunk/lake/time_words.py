"""Words of dates as exports write them for people: months, days of the week, halves of the day, names of zones.

The spellings are those of the Unicode CLDR, which Google's exports follow, and older ones seen in exports.
"""

import unicodedata
from typing import Final

_CASE = str.maketrans({"İ": "i", "I": "i", "ı": "i"})


def folded_word(word: str) -> str:
    """Return the form in which words of dates are compared: NFC, one case, the Turkish i too."""
    return unicodedata.normalize("NFC", word).translate(_CASE).casefold()


# Twelve to a language, alternatives parted by a bar. Chinese writes its months in figures, mostly.
_MONTHS: Final = {
    "en": "jan|january feb|february mar|march apr|april may jun|june jul|july aug|august sep|sept|september"
    " oct|october nov|november dec|december",
    "nl": "jan|januari feb|februari mrt|maart apr|april mei jun|juni jul|juli aug|augustus sep|september okt|oktober"
    " nov|november dec|december",
    "de": "jan|januar|jänner|jän feb|februar|feber mär|märz apr|april mai jun|juni jul|juli aug|august"
    " sep|sept|september okt|oktober nov|november dez|dezember",
    "es": "ene|enero feb|febrero mar|marzo abr|abril may|mayo jun|junio jul|julio ago|agosto"
    " sep|sept|set|septiembre|setiembre oct|octubre nov|noviembre dic|diciembre",
    "fr": "janv|jan|janvier févr|fév|février mars avr|avril mai juin juil|juill|juillet août sept|septembre"
    " oct|octobre nov|novembre déc|décembre",
    "tr": "oca|ocak şub|şubat mar|mart nis|nisan may|mayıs haz|haziran tem|temmuz ağu|ağustos eyl|eylül eki|ekim"
    " kas|kasım ara|aralık",
    "ar": "يناير|جانفي فبراير|فيفري مارس أبريل|ابريل|إبريل|أفريل مايو|ماي يونيو|يونيه|جوان يوليو|يوليه|جويلية"
    " أغسطس|اغسطس|أوت سبتمبر أكتوبر|اكتوبر نوفمبر ديسمبر",
    "zh": "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月",
    "it": "gen|gennaio feb|febbraio mar|marzo apr|aprile mag|maggio giu|giugno lug|luglio ago|agosto set|sett|settembre"
    " ott|ottobre nov|novembre dic|dicembre",
    "pt": "jan|janeiro fev|fevereiro mar|março abr|abril mai|maio jun|junho jul|julho ago|agosto set|setembro"
    " out|outubro nov|novembro dez|dezembro",
    "pl": "sty|stycznia|styczeń lut|lutego|luty mar|marca|marzec kwi|kwietnia|kwiecień maj|maja cze|czerwca|czerwiec"
    " lip|lipca|lipiec sie|sierpnia|sierpień wrz|września|wrzesień paź|października|październik"
    " lis|listopada|listopad gru|grudnia|grudzień",
    "ru": "янв|января февр|фев|февраля мар|марта|март апр|апреля мая|май июн|июня|июнь июл|июля|июль авг|августа"
    " сент|сен|сентября окт|октября нояб|ноя|ноября дек|декабря",
    "sv": "jan|januari feb|februari mars april|apr maj juni|jun juli|jul aug|augusti sep|sept|september okt|oktober"
    " nov|november dec|december",
    "da": "jan|januar feb|februar mar|mars|marts apr|april maj|mai jun|juni jul|juli aug|august sep|september"
    " okt|oktober nov|november dec|des|december|desember",
}
_WEEKDAYS: Final = {
    "en": "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday",
    "nl": "ma maandag di dinsdag wo woensdag do donderdag vr vrijdag za zaterdag zo zondag",
    "de": "mo montag di dienstag mi mittwoch do donnerstag fr freitag sa samstag sonnabend so sonntag",
    "es": "lun lunes mar martes mié miércoles jue jueves vie viernes sáb sábado dom domingo",
    "fr": "lun lundi mar mardi mer mercredi jeu jeudi ven vendredi sam samedi dim dimanche",
    "tr": "pzt pazartesi sal salı çar çarşamba per perşembe cum cuma cmt cumartesi paz pazar",
    "ar": "الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "zh": "周一 周二 周三 周四 周五 周六 周日 星期一 星期二 星期三 星期四 星期五 星期六 星期日 星期天",
    "it": "lun lunedì mar martedì mer mercoledì gio giovedì ven venerdì sab sabato dom domenica",
    "pt": "seg segunda ter terça qua quarta qui quinta sex sexta sáb sábado dom domingo feira",
    "pl": "pon poniedziałek wt wtorek śr środa czw czwartek pt piątek sob sobota niedz niedziela",
    "ru": "пн понедельник вт вторник ср среда чт четверг пт пятница сб суббота вс воскресенье",
    "sv": "mån måndag tis tisdag ons onsdag tors torsdag fre fredag lör lördag sön söndag",
    "da": "man mandag tirs tirsdag ons onsdag tors torsdag fre fredag lør lørdag søn søndag",
}
# Words between a date and its time, and the T of ISO 8601.
_BETWEEN: Final = "t at on um om uhr de del a à las la le ore alle às o godz saat в г kl den في"
_HALVES: Final = {
    "am": "am 午夜 ص صباحا صباحًا öö 上午 凌晨 清晨 早上 오전 午前",
    "pm": "pm م مساء مساءً ös 下午 傍晚 晚上 오후 午後",
    "noon": "中午",
}

# What the long forms of the CLDR call UTC.
UTC_PHRASES: Final = (
    "Coordinated Universal Time", "gecoördineerde wereldtijd", "Koordinierte Weltzeit", "tiempo universal coordinado",
    "hora universal coordinada", "temps universel coordonné", "Eş Güdümlü Evrensel Zaman", "التوقيت العالمي المنسق",
    "التوقيت العالمي", "协调世界时", "世界標準時間", "Tempo coordinato universale", "Horário Universal Coordenado",
    "Hora Coordenada Universal", "uniwersalny czas koordynowany", "Всемирное координированное время",
)  # fmt: skip

# Offsets from UTC in minutes, by the language that writes the abbreviation ("" for international ones). Where one has
# several, the first is the commonest, and it takes the account's zone to tell.
ZONES: Final[dict[str, dict[str, tuple[int, ...]]]] = {
    "": {
        "UTC": (0,), "UT": (0,), "GMT": (0,), "Z": (0,),
        "WET": (0,), "WEST": (60,), "CET": (60,), "CEST": (120,), "MET": (60,), "MEST": (120,), "EET": (120,),
        "EEST": (180,), "BST": (60, 360, 660), "IST": (330, 120, 60), "IDT": (180,), "MSK": (180,), "TRT": (180,),
        "SAMT": (240,), "WAT": (60,), "WAST": (120,), "CAT": (120,), "SAST": (120,), "EAT": (180,),
        "EST": (-300,), "EDT": (-240,), "CST": (-360, 480, -300), "CDT": (-300, -240), "MST": (-420,), "MDT": (-360,),
        "PST": (-480, 480), "PDT": (-420,), "AKST": (-540,), "AKDT": (-480,), "HST": (-600,), "HDT": (-540,),
        "AST": (-240, 180), "ADT": (-180,), "NST": (-210,), "NDT": (-150,), "BRT": (-180,), "BRST": (-120,),
        "ART": (-180,), "CLT": (-240,), "CLST": (-180,), "COT": (-300,), "PET": (-300,), "ECT": (-300,), "VET": (-240,),
        "BOT": (-240,), "UYT": (-180,), "PYT": (-240, -180), "PYST": (-180,), "AMT": (-240, 240), "GYT": (-240,),
        "GST": (240, -120), "AZT": (240,), "GET": (240,), "IRST": (210,), "IRDT": (270,), "AFT": (270,),
        "PKT": (300,), "UZT": (300,), "YEKT": (300,), "ALMT": (300, 360), "NPT": (345,), "BDT": (360,), "OMST": (360,),
        "MMT": (390,), "ICT": (420,), "WIB": (420,), "NOVT": (420,), "KRAT": (420,), "SGT": (480,), "MYT": (480,),
        "HKT": (480,), "PHT": (480,), "WITA": (480,), "IRKT": (480,), "AWST": (480,), "JST": (540,), "KST": (540,),
        "WIT": (540,), "YAKT": (540,), "ACST": (570,), "ACDT": (630,), "AEST": (600,), "AEDT": (660,), "VLAT": (600,),
        "SST": (-660, 480), "NZST": (720,), "NZDT": (780,), "FJT": (720,),
    },
    "de": {"MEZ": (60,), "MESZ": (120,), "OEZ": (120,), "OESZ": (180,), "WEZ": (0,), "WESZ": (60,)},
    "fr": {
        "TU": (0,), "HNEC": (60,), "HAEC": (120,), "HEEC": (120,), "HNE": (-300,), "HAE": (-240,), "HNC": (-360,),
        "HAC": (-300,), "HNR": (-420,), "HAR": (-360,), "HNP": (-480,), "HAP": (-420,), "HNA": (-240,), "HAA": (-180,),
        "HNT": (-210,), "HAT": (-150,),
    },
    "ar": {"غرينتش": (0,), "جرينتش": (0,)},
}  # fmt: skip

MONTHS: Final = {
    folded_word(word): number
    for months in _MONTHS.values()
    for number, words in enumerate(months.split(), 1)
    for word in words.split("|")
}
WEEKDAYS: Final = frozenset(folded_word(word) for words in _WEEKDAYS.values() for word in words.split())
BETWEEN: Final = frozenset(folded_word(word) for word in _BETWEEN.split())
HALVES: Final = {folded_word(word): half for half, words in _HALVES.items() for word in words.split()}
OFFSETS: Final = {name: offsets for names in ZONES.values() for name, offsets in names.items()}
