"""How well follow-ups are understood without a model, on labelled rows; run as `python -m tests.benchmarks.follow_ups`.

Rows at even places chose the constants of `bot.agent.follow_up.Caution` (`--choose`), rows at odd places measure them.
With `--data` it also measures harm: complete questions of a public set, each asked after an unrelated one, must be
answered as if they were asked alone.
"""

import argparse
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.agent import Agent, AgentSettings, Reply, ReplyKind, Speaker, Turn
from bot.agent.follow_up import Caution
from kb.clock import utc_now
from kb.database import Base, make_sessions, open_engine
from kb.embedding import open_embedder
from kb.entries import Draft, Evidence, Provenance
from kb.ids import WorkspaceId, new_ulid
from kb.ingest import ingest
from kb.knowledge import KnowledgeBase
from kb.vector_index import open_index

FIXTURES = Path(__file__).parents[2] / "fixtures"
#: What the demo knows.
KNOWLEDGE = (FIXTURES / "knowledge.jsonl", FIXTURES / "documents")
CACHE = Path(__file__).parents[2] / ".answerloop" / "models"
_WORKSPACE = WorkspaceId("T0BENCH")

Search = Callable[[str], Evidence]


@dataclass(frozen=True)
class Row:
    """One labelled message."""

    #: The user's earlier questions, oldest first.
    before: tuple[str, ...]
    text: str
    #: The known question whose answer is right; None where there is none.
    question: str | None
    is_follow_up: bool


@dataclass(frozen=True)
class Measure:
    """What became of some rows; counts."""

    rows: int
    #: Understood as labelled: joined or alone.
    understood: int
    #: The right answer was given, or was among the questions offered.
    answered_right: int
    offered_right: int
    #: A wrong answer was given.
    answered_wrong: int


def rows(path: Path = FIXTURES / "follow_ups.jsonl") -> list[Row]:
    """The label set."""
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Row(tuple(one["before"]), one["text"], one["question"], one["is_follow_up"]) for one in read]


@contextmanager
def searching(*, paths: Sequence[Path] = (), drafts: Iterable[Draft] = (), cache: Path = CACHE) -> Iterator[Search]:
    """A search over a knowledge base of these files or drafts; what was found is remembered, to try many settings.

    The search is that of somebody in a public channel: entries for one channel only are not found.
    """
    import kb.tables  # the tables have to be known before they are made

    assert kb.tables
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/kb.db")
        Base.metadata.create_all(engine)
        sessions = make_sessions(engine)
        index = open_index(Path(folder) / "index")
        knowledge = KnowledgeBase(
            sessions=sessions, index=index, embedder=open_embedder(cache=cache), clock=utc_now, ids=new_ulid
        )
        with sessions.begin() as session:
            for draft in drafts:
                knowledge.publish(session, _WORKSPACE, draft, by="benchmark")
        ingest(knowledge, sessions, _WORKSPACE, paths, by="benchmark")
        yield remembering(knowledge, _WORKSPACE)
        index.close()
        engine.dispose()


def remembering(knowledge: KnowledgeBase, workspace: WorkspaceId) -> Search:
    """A search that finds again what it found before, to try many settings."""
    known: dict[str, Evidence] = {}

    def search(question: str) -> Evidence:
        if question not in known:
            known[question] = knowledge.search(workspace, question)
        return known[question]

    return search


def measure(agent: Agent, search: Search, some: Sequence[Row]) -> Measure:
    """Ask the agent every row and count."""
    counts = Counter[str]()
    for row in some:
        reply = agent.answer(row.text, [Turn(Speaker.USER, text) for text in row.before], search)
        counts["understood"] += reply.follow_up == row.is_follow_up
        counts[_outcome(reply, row.question)] += 1
    return Measure(
        len(some), counts["understood"], counts["answered_right"], counts["offered_right"], counts["answered_wrong"]
    )


def _outcome(reply: Reply, right: str | None) -> str:
    if reply.kind is ReplyKind.VERBATIM:
        return "answered_right" if reply.sources[0].title == right else "answered_wrong"
    return "offered_right" if right in [near.question for near in reply.nearest] else "left"


def choose(search: Search, some: Sequence[Row]) -> Caution:
    """The caution that does best on these rows; a wrong answer costs as much as three right ones bring."""
    grid = product((0.1, 0.2, 0.3, 0.4, 0.5), (0.2, 0.5, 0.8), (0.0, 0.05, 0.1, 0.15), (0.2, 0.35, 0.5))

    def worth(caution: Caution) -> tuple[float, float]:
        found = measure(Agent(AgentSettings(caution=caution)), search, some)
        value = found.answered_right + 0.5 * found.offered_right - 3 * found.answered_wrong + 0.5 * found.understood
        # Among equals the one nearest to what is shipped.
        away = sum(abs(getattr(caution, name) - usual) for name, usual in asdict(Caution()).items())
        return value, -away

    cautions = (
        Caution(follows_from=start, sureness=sure, doubt=doubt, said_before=said) for start, sure, doubt, said in grid
    )
    return max(cautions, key=worth)


def harm(data: Path, count: int = 1_000) -> dict[str, int]:
    """Complete questions asked alone, and after an unrelated question: how many of the answers differ."""
    wordings: dict[str, list[str]] = defaultdict(list)
    for one in _public(data / "banking77_train.jsonl.gz"):
        wordings[one["intent"]].append(one["text"])
    source = Provenance("ingest", source="banking77")
    drafts = [
        Draft(texts[0], f"The answer about {intent.replace('_', ' ')}.", source, phrasings=tuple(texts[1:10]))
        for intent, texts in sorted(wordings.items())
    ]
    right = {draft.question: intent for draft, intent in zip(drafts, sorted(wordings), strict=True)}
    draw = random.Random(7)
    asked = draw.sample(_public(data / "banking77_test.jsonl.gz"), count)
    counts = Counter[str](questions=count)
    agent = Agent()
    with searching(drafts=drafts) as search:
        for one in asked:
            before = draw.choice([other for other in asked if other["intent"] != one["intent"]])
            alone = agent.answer(one["text"], [], search)
            after = agent.answer(one["text"], [Turn(Speaker.USER, before["text"])], search)
            counts["taken_as_follow_up"] += after.follow_up
            for name, reply in (("alone", alone), ("after", after)):
                given = right.get(reply.sources[0].title) if reply.kind is ReplyKind.VERBATIM else None
                counts[f"{name}_right"] += given == one["intent"]
                counts[f"{name}_wrong"] += given not in (None, one["intent"])
    return dict(counts)


def _public(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print machine-readable results")
    parser.add_argument("--choose", action="store_true", help="also choose the constants anew on the even rows")
    parser.add_argument("--data", type=Path, help="folder with the public question sets, to measure harm")
    given = parser.parse_args()
    every = rows()
    usual, never = AgentSettings(), replace(Caution(), follows_from=float("inf"))
    results: dict[str, Any] = {}
    with searching(paths=KNOWLEDGE) as search:
        for name, some in (("even", every[::2]), ("odd", every[1::2])):
            results[name] = asdict(measure(Agent(usual), search, some))
            results[f"{name}, own words only"] = asdict(measure(Agent(AgentSettings(caution=never)), search, some))
        if given.choose:
            results["chosen"] = asdict(choose(search, every[::2]))
    if given.data is not None:
        results["harm"] = harm(given.data)
    print(json.dumps(results) if given.json else "\n".join(f"{name}: {value}" for name, value in results.items()))


if __name__ == "__main__":
    main()
