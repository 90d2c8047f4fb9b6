"""Finding personal data by the recognisers of presidio-analyzer, without a network.

Most types have a form, and many a check digit. Names of people and places have none: they are found where a trained
pipeline of spaCy is installed.
"""

import logging
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from datapunk.errors import NotReady
from datapunk.pii.spans import Span, windows, without_overlaps

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine

DEFAULT_SCORE = 0.4
# Recognised by their form, in every text whatever its language; weak forms need words that speak for them.
_RECOGNISERS = (
    "CryptoRecognizer", "IbanRecognizer", "IpRecognizer", "MacAddressRecognizer",
    "AuAbnRecognizer", "AuAcnRecognizer", "AuMedicareRecognizer", "AuTfnRecognizer", "EsNieRecognizer",
    "EsNifRecognizer", "FiPersonalIdentityCodeRecognizer", "InAadhaarRecognizer", "InPanRecognizer",
    "ItFiscalCodeRecognizer", "KrRrnRecognizer", "MedicalLicenseRecognizer", "NhsRecognizer", "PlPeselRecognizer",
    "SgFinRecognizer", "UkNinoRecognizer", "UsBankRecognizer", "UsItinRecognizer", "UsLicenseRecognizer",
    "UsPassportRecognizer", "UsSsnRecognizer",
)  # fmt: skip
# Where a number without a country's code may be from.
_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "CH", "AT", "IN", "BR", "AU")
# Words that speak for a telephone number; not "number", which speaks for any.
_OF_PHONES = (
    "phone", "telephone", "cell", "mobile", "call", "tel", "fax", "whatsapp", "telefon", "handy", "mobil", "anruf",
    "téléphone", "portable", "teléfono", "móvil", "telefono", "cellulare", "telefoon",
)  # fmt: skip
# Ranges of issuers that the library leaves out (ISO/IEC 7812): Mastercard's of 2017, JCB's of 15 digits, Maestro,
# Visa's of 19. All of them have a check digit.
_MORE_CARDS = r"\b(?:2[2-7]\d{14}|(?:2131|1800)\d{11}|(?:50|5[678]|63|67)\d{10,17}|4\d{18})\b"
# Names, which a trained pipeline finds; times and numbers are no personal data by themselves.
_NAMES = ("PERSON", "LOCATION", "ORGANIZATION", "NRP")
_PIPELINES = ("en_core_web_lg", "en_core_web_md", "en_core_web_sm")
# Nothing that is told by its form lacks all of these.
_POSSIBLE = re.compile(r"[\d@]|(?:[0-9a-f]{2}[:-]){5}", re.IGNORECASE)
_INTERNATIONAL, _GROUPED, _BARE = 0.7, 0.4, 0.2
# Before or after the figures of a number with a decimal sign; a comma also stands between numbers.
_DECIMAL_BEFORE, _DECIMAL_AFTER = re.compile(r"\d\.$|(?<!\d)\d{1,3},$"), re.compile(r"\.\d|,\d{1,2}(?!\d)")
_DIGITS = re.compile(r"(?:\d\D{0,3}){7}")


class Finder:
    """Finds personal data in texts.

    `model` is a trained pipeline of spaCy by name, `none`, or `auto`: one of the English ones that is installed.
    """

    def __init__(self, model: str = "auto", *, least_score: float = DEFAULT_SCORE) -> None:
        """Load what it needs. Raises NotReady where presidio-analyzer or the pipeline is not installed."""
        # It tells of each pattern, with pieces of texts.
        logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
        self.model, pipeline = _pipeline(model)
        self._analyzer = _analyzer(pipeline, named=bool(self.model))
        self._least_score = least_score

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the spans of each text, in its order and without overlaps."""
        return [self._in(text) for text in texts]

    def _in(self, text: str) -> list[Span]:
        found: list[Span] = []
        for start, piece in windows(text):
            if not piece.strip() or not (self.model or _POSSIBLE.search(piece)):
                continue
            for one in self._analyzer.analyze(piece, language="en", score_threshold=self._least_score):
                if _is_decimal(piece, one.start, one.end):
                    continue
                metadata = one.recognition_metadata or {}
                found.append(
                    Span(
                        start=start + one.start,
                        end=start + one.end,
                        type=str(one.entity_type),
                        score=round(float(one.score), 3),
                        recogniser=str(metadata.get("recognizer_name", "")),
                    )
                )
        return without_overlaps(found)


def _is_decimal(text: str, start: int, end: int) -> bool:
    """Tell whether a piece of a text is figures of a number with a decimal sign."""
    if not text[start:end].strip("+-").isdigit():
        return False
    return bool(_DECIMAL_BEFORE.search(text[max(start - 5, 0) : start]) or _DECIMAL_AFTER.match(text, end))


def _pipeline(model: str) -> tuple[str, Any]:
    """Return the name of a trained pipeline, empty where there is none, and what it is."""
    try:
        import spacy
        from spacy.language import Language
    except ModuleNotFoundError as exc:
        raise NotReady("spaCy is not installed", hint="pip install 'datapunk[worker]'; provisioning does so.") from exc
    installed = set(spacy.util.get_installed_models())
    name = next((one for one in _PIPELINES if one in installed), "") if model == "auto" else model
    if name and name != "none":
        if name not in installed:
            raise NotReady(
                f"the spaCy pipeline {name} is not installed",
                hint=f"Installed: {', '.join(sorted(installed)) or 'none'}.; or take auto or none.",
            )
        return name, spacy.load(name, exclude=["parser", "senter"])
    if not Language.has_factory("datapunk_lower"):
        Language.component("datapunk_lower", func=_lower)
    blank = spacy.blank("en")
    blank.add_pipe("datapunk_lower")
    return "", blank


def _lower(doc: Any) -> Any:
    """Give words a base form, by which recognisers know the words around what they found."""
    for token in doc:
        token.lemma_ = token.lower_
    return doc


def _analyzer(pipeline: Any, *, named: bool) -> "AnalyzerEngine":
    try:
        from presidio_analyzer import AnalyzerEngine, Pattern, RecognizerRegistry, predefined_recognizers
        from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
    except ModuleNotFoundError as exc:
        raise NotReady(
            "presidio-analyzer is not installed", hint="pip install 'datapunk[worker]'; provisioning does so."
        ) from exc
    import tldextract

    class Loaded(SpacyNlpEngine):
        """A pipeline that is there already."""

        def __init__(self) -> None:
            super().__init__(ner_model_configuration=NerModelConfiguration(labels_to_ignore=["O"]))
            self.nlp = {"en": pipeline}  # type: ignore[assignment]

    # By the list that comes with it: the library's own default fetches a newer one at the first use.
    domains = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class Mails(predefined_recognizers.EmailRecognizer):
        """Mail addresses whose domain can exist."""

        def validate_result(self, pattern_text: str) -> bool:
            return bool(domains(pattern_text.rpartition("@")[2]).fqdn)

    class Phones(predefined_recognizers.PhoneRecognizer):
        """Telephone numbers, the surer the more their writing says so; the library takes all alike.

        Figures in one run, which most numbers of orders and accounts are somewhere, need words that speak for them.
        """

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[Any]:
            # Looking for those of each country takes long.
            found = super().analyze(text, entities, nlp_artifacts) if _DIGITS.search(text) else []
            for one in found:
                number = text[one.start : one.end]
                one.score = _INTERNATIONAL if "+" in number else _BARE if number.isdigit() else _GROUPED
            return list(found)

    registry = RecognizerRegistry(supported_languages=["en"])
    registry.add_recognizer(Mails(name="EmailRecognizer"))
    registry.add_recognizer(Phones(name="PhoneRecognizer", supported_regions=_REGIONS, context=list(_OF_PHONES)))
    cards = predefined_recognizers.CreditCardRecognizer
    registry.add_recognizer(cards(patterns=[*cards.PATTERNS, Pattern("More cards", _MORE_CARDS, 0.3)]))
    for name in _RECOGNISERS:
        registry.add_recognizer(getattr(predefined_recognizers, name)(supported_language="en"))
    if named:
        registry.add_recognizer(predefined_recognizers.SpacyRecognizer(supported_entities=list(_NAMES)))
    return AnalyzerEngine(registry=registry, nlp_engine=Loaded(), supported_languages=["en"])
