"""Names, streets and companies by a model: Microsoft Presidio over a spaCy model that is on this machine.

An extra (`pip install 'answerloop[presidio]'`); nothing else here needs it. Always: nothing is downloaded, and only
what needs a model is asked of it, because Presidio's own patterns fetch a list from the network and find less.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from learning.errors import ModelNotThere
from learning.redaction.details import HIDDEN, Detail, DetailKind
from learning.redaction.words import words

#: What Presidio calls what the labels of spaCy's models say: people, companies, and places with their streets.
_LABELS = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "ORG": "ORGANIZATION",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
    "FAC": "LOCATION",
}
_KINDS = {
    "PERSON": DetailKind.PERSON,
    "LOCATION": DetailKind.ADDRESS,
    "ORGANIZATION": DetailKind.COMPANY,
}
#: What spaCy's models name besides, and nobody is found by.
_IGNORED = words("CARDINAL DATE EVENT LANGUAGE LAW MISC MONEY NORP ORDINAL PERCENT PRODUCT QUANTITY TIME WORK_OF_ART")
#: Below this score the model is not sure; Presidio gives 0.85 to whatever a spaCy model names.
_LEAST_SCORE = 0.5


class Result(Protocol):
    """What an analyzer found; Presidio's `RecognizerResult` is one."""

    entity_type: str
    start: int
    end: int
    score: float


class Analyzer(Protocol):
    """What looks at a text; Presidio's `AnalyzerEngine` is one."""

    def analyze(self, text: str, language: str, entities: list[str]) -> Sequence[Result]:
        """Everything of some kinds in a text."""
        ...


class ModelNames:
    """Finds names, places and companies with an analyzer."""

    def __init__(self, analyzer: Analyzer, *, language: str = "en") -> None:
        """Take an analyzer and the language it is made for, in two letters."""
        self._analyzer = analyzer
        self._language = language

    def find(self, text: str) -> Iterator[Detail]:
        """Everything that the model names; the canonical form is in small letters."""
        shown = text.replace(HIDDEN, " ")
        if not any(map(str.isalpha, shown)):
            return
        for one in self._analyzer.analyze(text=shown, language=self._language, entities=list(_KINDS)):
            if one.entity_type in _KINDS and one.score >= _LEAST_SCORE:
                found = text[one.start : one.end]
                canonical = " ".join(found.casefold().split())
                yield Detail(_KINDS[one.entity_type], one.start, one.end, found, f"name {canonical}")


def model_names(model: str, *, language: str = "en") -> ModelNames:
    """A recogniser over a spaCy model.

    Args:
        model: name of an installed model such as `en_core_web_lg`, or its folder.
        language: the language it is made for, in two letters.

    Raises:
        ModelNotThere: the extra or the model is not installed; the message says how to install it.
    """
    try:
        import spacy.util
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
        from presidio_analyzer.predefined_recognizers import SpacyRecognizer
    except ImportError:
        raise ModelNotThere(
            "Finding names with a model needs Presidio, which is not installed: pip install 'answerloop[presidio]'"
        ) from None
    if not spacy.util.is_package(model) and not (Path(model) / "meta.json").is_file():
        raise ModelNotThere(
            f"The spaCy model '{model}' is not on this machine; install its package, or name the folder that holds it."
        )
    engine = SpacyNlpEngine(
        models=[{"lang_code": language, "model_name": model}],
        ner_model_configuration=NerModelConfiguration(
            model_to_presidio_entity_mapping=_LABELS, labels_to_ignore=set(_IGNORED)
        ),
    )
    registry = RecognizerRegistry(
        recognizers=[SpacyRecognizer(supported_language=language, supported_entities=list(_KINDS))],
        supported_languages=[language],
    )
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language])
    return ModelNames(analyzer, language=language)
