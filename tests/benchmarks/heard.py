"""How well signals are heard and outcomes found, on labelled conversations; run as `python -m tests.benchmarks.heard`.

Lines at even places of `fixtures/outcomes.jsonl` chose the constants of `learning.signals.asking.Limits` (`--choose`)
and the words of `learning.signals.words`; lines at odd places measure them. `--held-out` asks the wordings of
`fixtures/paraphrases.jsonl`, on which nothing is tuned: each after its own question, answered and not, and after some
other one.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from bot.agent.small_talk import is_emoji_only, is_empty, is_greeting, is_thanks, wants_person
from kb.embedding import Embedder, open_embedder
from learning import signals
from learning.signals import Before, Likeness, Limits, Own, SignalKind
from tests.benchmarks.follow_ups import CACHE, KNOWLEDGE, Search, searching

FIXTURE = Path(__file__).parents[2] / "fixtures" / "outcomes.jsonl"
#: What is heard of a message.
HEARD = tuple(kind for kind in SignalKind if kind is not SignalKind.LENGTH)
#: After these moves of a handoff people have the conversation.
_WITH_PEOPLE = ("open", "claim", "release", "reopen")

#: The cosines of a text and others.
Compare = Callable[[str, Sequence[str]], Sequence[float]]


@dataclass(frozen=True)
class Labelled:
    """A message that somebody wrote after an answer, and what it says of it."""

    conversation: str
    text: str
    question: str
    #: Empty where there was none.
    answer: str
    #: Whether people had the conversation by then.
    with_people: bool
    signals: frozenset[str]


@dataclass(frozen=True)
class Score:
    """How often something was found; counts."""

    right: int
    #: Found where it is not labelled.
    wrong: int
    #: Labelled and not found.
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.missed, 1)


def conversations(path: Path = FIXTURE) -> list[dict[str, Any]]:
    """The label set."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def messages(some: Iterable[Mapping[str, Any]]) -> Iterator[Labelled]:
    """Every message of outsiders that comes after an answer."""
    for conversation in some:
        question = answer = pending = None
        for turn in conversation["turns"]:
            text, who = turn["text"], turn["who"]
            if turn.get("deleted") or who == "staff":
                continue
            if who == "bot":
                question, answer = pending or question, "" if turn.get("abstained") else text
                continue
            told = frozenset(turn.get("signals", ()))
            if question is not None and answer is not None:
                with_people = _with_people(conversation, turn["minute"])
                yield Labelled(conversation["id"], text, question, answer, with_people, told)
            # What only corrects, closes or asks for another answer asks nothing anew.
            pending = text if not told or told & {"follow_up", "rephrasing"} else None


def heard(one: Labelled, compare: Compare, search: Search, limits: Limits | None = None) -> frozenset[str]:
    """What is heard of a message, as the desk does it."""
    about = signals.subject(one.text)
    talk = (is_thanks, wants_person, is_greeting, is_empty, is_emoji_only)
    asks = not one.with_people and not any(holds(one.text) for holds in talk)
    before, likeness, own = Before(one.question, one.answer), Likeness(), None
    if about and asks:
        likeness = Likeness(*compare(about, [text for text in (one.question, one.answer) if text]))
        before = replace(before, entry=_first(search, one.question).entry if one.answer else None)
        own = _first(search, about)
    found = signals.hear(one.text, before, likeness, own, asks=asks, limits=limits)
    return frozenset(str(each.kind) for each in found)


def score(labelled: Iterable[tuple[frozenset[str], frozenset[str]]]) -> dict[str, Score]:
    """By kind how what was found goes with the labels.

    Args:
        labelled: pairs of what was found and what is labelled.
    """
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for found, told in labelled:
        right.update(found & told)
        wrong.update(found - told)
        missed.update(told - found)
    return {kind: Score(right[kind], wrong[kind], missed[kind]) for kind in sorted({*right, *wrong, *missed})}


def comparing(embedder: Embedder) -> Compare:
    """Compares by an embedder, and remembers vectors."""

    @cache
    def vector(text: str) -> Any:
        return embedder.embed([text])[0]

    return lambda text, others: [float(vector(text) @ vector(other)) for other in others]


def choose(some: Sequence[Labelled], compare: Compare, search: Search) -> Limits:
    """The limits that make fewest mistakes on these; among equals those nearest to what is shipped."""
    grid = product((0.5, 0.6, 0.7), (0.2, 0.25, 0.3), (0.5, 0.55, 0.6), (0.2, 0.25, 0.3), (0.1, 0.12, 0.15, 0.18))
    names = ("sure", "same_found", "same_first", "same_unanswered", "near_unknown")

    def worth(limits: Limits) -> tuple[int, float]:
        scores = score((heard(one, compare, search, limits), one.signals) for one in some)
        mistakes = sum(each.wrong + each.missed for each in scores.values())
        return -mistakes, -sum(abs(getattr(limits, name) - getattr(Limits(), name)) for name in names)

    return max((replace(Limits(), **dict(zip(names, values, strict=True))) for values in grid), key=worth)


def held_out(compare: Compare, search: Search) -> dict[str, Counter[str]]:
    """What is heard where a question is asked again in held-out words, or something else is asked."""
    answers = {one["question"]: one["answer"] for one in _rows("knowledge.jsonl")}
    others = list(answers)
    found: dict[str, Counter[str]] = {name: Counter() for name in ("after its answer", "after none", "after another")}

    def note(name: str, text: str, question: str, answer: str) -> None:
        kinds = heard(Labelled("", text, question, answer, False, frozenset()), compare, search)
        found[name]["+".join(sorted(kinds)) or "nothing"] += 1

    for number, one in enumerate(_rows("paraphrases.jsonl")):
        text, question = one["text"], one["question"]
        if question is not None:
            note("after its answer", text, question, answers[question])
            note("after none", text, question, "")
        # Some other question, spread evenly over all of them.
        other = others[number * 37 % len(others)]
        if other != question:
            note("after another", text, other, answers[other])
    return found


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FIXTURE.parent / name).read_text(encoding="utf-8").splitlines()]


def _first(search: Search, text: str) -> Own:
    found = search(text)
    return Own(found.best.entry.id if found.best else None, found.confidence)


def _with_people(conversation: Mapping[str, Any], minute: int) -> bool:
    moves = [one["move"] for one in conversation.get("moves", ()) if one["minute"] <= minute]
    return bool(moves) and moves[-1] in _WITH_PEOPLE


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--choose", action="store_true", help="also choose the limits anew on the even lines")
    parser.add_argument("--held-out", action="store_true", help="also ask the held-out wordings")
    given = parser.parse_args()
    compare, every = comparing(open_embedder(cache=CACHE)), conversations()
    with searching(paths=KNOWLEDGE) as search:
        for name, some in (("even lines", every[::2]), ("odd lines", every[1::2]), ("all", every)):
            found = score((heard(one, compare, search), one.signals) for one in messages(some))
            print(name)
            for kind, each in found.items():
                print(f"  {kind:<14} precision {each.precision:.3f}, recall {each.recall:.3f}  {each}")
        if given.held_out:
            for name, counts in held_out(compare, search).items():
                print(f"held-out wordings {name}: {dict(counts)}")
        if given.choose:
            print(choose(list(messages(every[::2])), compare, search))


if __name__ == "__main__":
    main()
