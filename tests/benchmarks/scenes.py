"""Scenes: small knowledge bases and questions whose right answer is known, made from public question sets.

Each scene knows only some of what is asked about, so that the rest are questions that nothing answers. Everything is
drawn with a seed.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb import Draft, EntryKind, Provenance
from tests.benchmarks.public_data import by_intent, rows

_ORIGIN = Provenance("ingest")


@dataclass(frozen=True)
class Asked:
    """A question and the key of the entry that answers it; None where nothing does."""

    text: str
    right: str | None


@dataclass(frozen=True)
class Scene:
    """A knowledge base and what it is asked."""

    name: str
    #: Entries by a key of their own.
    entries: Mapping[str, Draft]
    questions: Sequence[Asked]


def intents(
    folder: Path, name: str, *, phrasings: int | Sequence[int], known: float, questions: int, seed: int
) -> Scene:
    """Intents as entries: one wording as the question, more as phrasings, the other texts as questions.

    Args:
        phrasings: how many wordings an entry has in all; of several numbers each entry draws one.
    """
    chance = random.Random(f"{name}{phrasings}{known}{seed}")
    numbers = (phrasings,) if isinstance(phrasings, int) else tuple(phrasings)
    texts = by_intent(folder, f"{name}_train" if name == "banking77" else name)
    held_out = by_intent(folder, "banking77_test") if name == "banking77" else None
    names = sorted(texts)
    chance.shuffle(names)
    covered = set(names[: round(known * len(names))])
    entries: dict[str, Draft] = {}
    asked: list[Asked] = []
    for intent in names:
        mine = list(texts[intent])
        chance.shuffle(mine)
        count = numbers[0] if len(numbers) == 1 else chance.choice(numbers)
        if intent in covered:
            # These sets have no answers; a neutral one shares no words with the questions.
            entries[intent] = Draft(mine[0], "(no text)", _ORIGIN, phrasings=tuple(mine[1:count]))
        rest = held_out[intent] if held_out is not None else mine[count:]
        asked += [Asked(text, intent if intent in covered else None) for text in rest]
    chance.shuffle(asked)
    called = "-".join(map(str, numbers))
    return Scene(f"{name}-{called}-{known}-{seed}", entries, asked[:questions])


def covid(folder: Path, *, known: float, seed: int) -> Scene:
    """A public-health FAQ, half of it known, asked in the words of people who rephrased it."""
    chance = random.Random(f"covid{known}{seed}")
    faq = {row["question"]: row["answer"] for row in rows(folder, "covid_faq")}
    names = sorted(faq)
    chance.shuffle(names)
    covered = set(names[: round(known * len(names))])
    pairs = [row for row in rows(folder, "covid_question_pairs") if row["same"] and row["q1"] in faq]
    asked = [Asked(row["q2"], row["q1"] if row["q1"] in covered else None) for row in pairs]
    chance.shuffle(asked)
    return Scene(f"covid-{known}-{seed}", {name: Draft(name, faq[name], _ORIGIN) for name in sorted(covered)}, asked)


#: How people might ask for what the medical pages are asked in one fixed form.
_MEDICAL: Mapping[str, Sequence[str]] = {
    "information": ("tell me about {}", "can someone explain {}?", "{} meaning", "i just heard of {}, what's that?"),
    "symptoms": ("how do i notice that i have {}?", "{} signs", "what does {} feel like"),
    "treatment": ("how is {} cured?", "therapy for {}", "what can be done against {}?", "medication {}"),
    "inheritance": ("does {} run in families?", "can i pass {} on to my children"),
    "frequency": ("how common is {}?", "is {} rare?", "number of cases of {}"),
    "genetic changes": ("which genes are involved in {}?", "mutation behind {}"),
    "causes": ("why do people get {}?", "where does {} come from", "reason for {}"),
    "exams and tests": ("how would a doctor find out if it is {}?", "test for {}", "diagnosis of {}"),
    "outlook": ("how long do people live with {}?", "prognosis {}", "what happens in the long run with {}?"),
    "susceptibility": ("who gets {}?", "am i likely to get {}?", "risk factors {}"),
    "prevention": ("how can i avoid {}?", "protect myself from {}"),
}


def medical(folder: Path, *, topics: int, seed: int) -> Scene:
    """Medical pages with several questions per topic: the topic alone is not enough to be right."""
    chance = random.Random(f"medical{topics}{seed}")
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for row in rows(folder, "medquad_half"):
        if row["qtype"] in _MEDICAL and row["answer"]:
            found.setdefault(row["focus"], {})[row["qtype"]] = (row["question"], row["answer"][:1_000])
    names = sorted(focus for focus, pages in found.items() if len(pages) >= 2)
    chance.shuffle(names)
    entries: dict[str, Draft] = {}
    asked: list[Asked] = []
    for number, focus in enumerate(names[: 2 * topics]):
        for kind, (question, answer) in found[focus].items():
            key = f"{focus}/{kind}"
            # Half of the topics are not covered at all, and of the others a fifth of the questions is not.
            covered = number < topics and chance.random() < 0.8
            if covered:
                entries[key] = Draft(question, answer, _ORIGIN)
            asked.append(Asked(chance.choice(_MEDICAL[kind]).format(focus), key if covered else None))
    chance.shuffle(asked)
    return Scene(f"medical-{topics}-{seed}", entries, asked[:600])


def passages(folder: Path, *, part: int, questions: int, seed: int) -> Scene:
    """Encyclopedia passages and questions, half of which no passage answers; `part` 0 or 1 picks disjoint pages."""
    chance = random.Random(f"passages{part}{seed}")
    found = rows(folder, "squad2_dev_passages")
    titles = sorted({row["title"] for row in found})
    mine = {title for number, title in enumerate(titles) if number % 2 == part}
    entries = {
        str(row["pid"]): Draft(row["title"].replace("_", " "), row["text"], _ORIGIN, kind=EntryKind.PASSAGE)
        for row in found
        if row["title"] in mine
    }
    asked = [
        Asked(row["question"], None if row["impossible"] else str(row["pid"]))
        for row in rows(folder, "squad2_dev_questions")
        if str(row["pid"]) in entries
    ]
    chance.shuffle(asked)
    return Scene(f"passages-{part}-{seed}", entries, asked[:questions])


def help_desk(folder: Path) -> Scene:
    """The fictional help desk of the fixtures; measured only, never fitted on."""
    entries = {}
    for row in _lines(folder / "knowledge.jsonl"):
        phrasings = tuple(str(each) for each in row.get("phrasings", ()))  # type: ignore[attr-defined]
        entries[str(row["question"])] = Draft(str(row["question"]), str(row["answer"]), _ORIGIN, phrasings=phrasings)
    asked = [
        Asked(str(row["text"]), str(row["question"]) if row["question"] is not None else None)
        for row in _lines(folder / "paraphrases.jsonl")
    ]
    return Scene("help desk", entries, asked)


def foreign(folder: Path, *, count: int, seed: int) -> list[Asked]:
    """Questions of other fields, which no scene's knowledge base answers."""
    chance = random.Random(f"foreign{seed}")
    texts = [row["question"] for row in rows(folder, "squad2_dev_questions")]
    return [Asked(text, None) for text in chance.sample(texts, count)]


def _lines(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
