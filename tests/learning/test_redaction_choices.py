"""Redaction as a workspace wants it: its own people by name, what may stand, models, and numbers at export."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from learning.errors import ModelNotThere
from learning.redaction import Allowed, Detail, DetailKind, KnownPerson, Names, Redactor, contact_details, renumbered
from learning.redaction.presidio import ModelNames, model_names

KEY = b"k" * 32
PEOPLE = (
    KnownPerson("U0UMA", "Uma Okafor"),
    KnownPerson("U0SAM", "Sam Young"),
    KnownPerson("U0LIU", "Liu Mei-Ling"),
    KnownPerson("U0JAN", "Janina Okafor"),
    KnownPerson("U0BOT", "Support"),
    KnownPerson("U0JOE", "joe.dolan"),
)


def _names(text: str, people: Sequence[KnownPerson] = PEOPLE) -> list[str]:
    return [detail.text for detail in Names(people).find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Uma Okafor said so", ["Uma Okafor"]),
        ("uma okafor said so, UMA OKAFOR too", ["uma okafor", "UMA OKAFOR"]),
        ("it was Okafor, Uma who said so", ["Okafor, Uma"]),
        ("ask Uma's boss, or Janina", ["Uma", "Janina"]),
        ("Mei-Ling Liu and Liu Mei-Ling", ["Mei", "Ling", "Liu", "Liu Mei-Ling"]),
        ("joe.dolan wrote, and @joe did", ["joe.dolan", "joe"]),
        ("Hi Sam, thanks Mr. Young", ["Sam", "Young"]),
        ("Okafor knows", ["Okafor"]),
    ],
)
def test_the_workspaces_people_are_found_by_name(text: str, found: list[str]) -> None:
    assert _names(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Young people ask Support; the sam file is old",
        "umami, Umauma and Okaforia",
        "will it mark the day? Sales and Support know",
        "Sam, the surface-to-air missile",
    ],
)
def test_words_of_everyday_are_not_taken_for_names(text: str) -> None:
    assert _names(text) == []


def test_a_name_and_a_mention_are_the_same_person_and_a_shared_name_is_nobody_in_particular() -> None:
    redactor = Redactor(KEY, more=[Names(PEOPLE)])
    mention, whole, part = (redactor.redact(text) for text in ("<@U0UMA>", "Uma Okafor", "Uma"))
    assert mention == whole == part
    assert redactor.redact("Okafor") not in (mention, redactor.redact("<@U0JAN>"))


def test_people_without_a_name_change_nothing() -> None:
    assert _names("Uma Okafor", [KnownPerson("U0UMA", ""), KnownPerson("U0X", "7")]) == []


def test_ten_thousand_people_are_found_as_quickly_as_ten() -> None:
    many = Names(
        [KnownPerson(f"U{n}", f"Given{chr(97 + n % 26)}{'x' * (n % 50)} Family{n % 97}") for n in range(10_000)]
    )
    assert [one.text for one in many.find("it was Givenaxx Familyb or nobody")] == ["Givenaxx"]


def test_what_is_allowed_stays_and_is_not_pointed_out() -> None:
    allowed = Allowed.of(["Acme.com", "desk@partner.example", "+49 30 901820"])
    kept = "help@acme.com, Jane@eu.acme.com, DESK@partner.example, <mailto:help@acme.com|mail us>, 030 901820"
    redactor = Redactor(KEY, allowed=allowed)
    assert redactor.redact(kept) == kept
    assert contact_details(kept, allowed=allowed) == ()
    gone = "jane@partner.example, help@notacme.com, 030 901821"
    assert [one.text for one in contact_details(f"{kept}, {gone}", allowed=allowed)] == gone.split(", ")
    assert redactor.redact("<mailto:help@acme.com|ask jane@b.com>").startswith("<mailto:help@acme.com|ask [EMAIL_")


@pytest.mark.parametrize("entry", ["acme", "two words", "@", "help@acme", "12345"])
def test_what_cannot_be_allowed_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=f"'{entry}'"):
        Allowed.of([entry])


def test_placeholders_are_numbered_at_export_over_all_that_leaves_together() -> None:
    redactor = Redactor(KEY)
    texts = [redactor.redact(text) for text in ("b@b.com and a@b.com", "call 030 901820 or a@b.com", "none")]
    assert renumbered(texts) == ("[EMAIL_1] and [EMAIL_2]", "call [PHONE_1] or [EMAIL_2]", "none")
    assert renumbered(renumbered(texts)) == renumbered(texts)
    assert [redactor.redact(text) for text in renumbered(texts)] == list(renumbered(texts))


@dataclass(frozen=True)
class _Found:
    entity_type: str
    start: int
    end: int
    score: float = 0.85


class _Analyzer:
    """Stands in for Presidio's engine: knows a few words, and says of every text what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def analyze(self, text: str, language: str, entities: list[str]) -> Sequence[_Found]:
        assert language == "en"
        self.asked.append(text)
        return list(self._all(text))

    def _all(self, text: str) -> Iterator[_Found]:
        known = {"Jane Doe": "PERSON", "5 Elm Street": "LOCATION", "Globex": "ORGANIZATION", "Tuesday": "DATE_TIME"}
        for word, kind in known.items():
            if word in text:
                yield _Found(kind, text.index(word), text.index(word) + len(word))
        if "Maybe" in text:
            yield _Found("PERSON", text.index("Maybe"), text.index("Maybe") + 5, score=0.1)
        if text.endswith("@"):  # a model may name what others have found already, and more
            yield _Found("PERSON", 0, len(text))


def test_a_model_finds_names_streets_and_companies_behind_the_same_interface() -> None:
    analyzer = _Analyzer()
    redactor = Redactor(KEY, more=[ModelNames(analyzer)])
    text = "Jane Doe of Globex, 5 Elm Street, wrote jane@globex.example on Tuesday. Maybe not."
    redacted = redactor.redaction(text)
    shown = {text[span.start : span.end]: span.kind for span in redacted.spans}
    assert shown == {
        "Jane Doe": DetailKind.PERSON,
        "Globex": DetailKind.COMPANY,
        "5 Elm Street": DetailKind.ADDRESS,
        "jane@globex.example": DetailKind.EMAIL,
    }
    assert redactor.redact(redacted.text) == redacted.text
    assert not any("\0" in asked for asked in analyzer.asked), "a model is given a text as people write it"


def test_what_a_model_says_of_a_placeholder_is_not_believed() -> None:
    redactor = Redactor(KEY, more=[ModelNames(_Analyzer())])
    redacted = redactor.redact("Bo a@b.com and c@d.com @")
    assert "[EMAIL_" in redacted and redacted.count("[") == redacted.count("]")
    assert redactor.redact(redacted) == redacted


def test_what_the_patterns_found_keeps_its_kind() -> None:
    class Everything:
        def find(self, text: str) -> Iterator[Detail]:
            yield Detail(DetailKind.PERSON, 0, len(text), text, text)

    redacted = Redactor(KEY, more=[Everything()]).redaction("a@b.com wrote")
    assert [span.kind for span in redacted.spans] == [DetailKind.EMAIL, DetailKind.PERSON]


def test_a_model_that_is_not_there_is_said_in_one_line() -> None:
    with pytest.raises(ModelNotThere, match=r"answerloop\[presidio\]|is not on this machine") as error:
        model_names("no_such_model")
    assert "\n" not in str(error.value)
