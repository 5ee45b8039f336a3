"""The measurements, each a function from open sides to figures; milliseconds unless a name says otherwise."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import numpy as np

import kb
from kb import search
from kb.embedding import Embedder
from kb.vectors import Vector
from tests.benchmarks.speed import exact
from tests.benchmarks.speed.ours import WORKSPACE, Model, Ours, opened
from tests.benchmarks.speed.theirs import Theirs

Figures = dict[str, object]


class Counting:
    """An embedder that counts what it is asked for."""

    def __init__(self, inner: Embedder) -> None:
        self.model = inner.model
        self.dimension = inner.dimension
        self.count = 0
        self._inner = inner

    def embed(self, texts: Sequence[str]) -> Vector:
        """The vectors of `texts`."""
        self.count += len(texts)
        return self._inner.embed(texts)


def question(ours: Ours, theirs: Theirs | None, questions: Sequence[str]) -> Figures:
    """From a question to ranked evidence with confidence, in turns with theirs; and what of it is ranking."""
    ours.base.warm(WORKSPACE)  # as `answerloop serve` does at its start
    mine, yours, ranked = [], [], []
    # Time of the processor as well: on a machine that others load, waiting for a turn is most of the time.
    mine_cpu, yours_cpu = [], []
    with ExitStack() as patches:
        for name in ("measured", "_ranked"):
            patches.enter_context(patch.object(search, name, _timed(getattr(search, name), ranked)))
        for each in questions:
            before = time.process_time()
            mine.append(_ms(lambda each=each: ours.base.search(WORKSPACE, each)))
            mine_cpu.append(1_000 * (time.process_time() - before))
            if theirs is not None:
                before = time.process_time()
                yours.append(_ms(lambda each=each: theirs.search(each)))
                yours_cpu.append(1_000 * (time.process_time() - before))
    embedding = [_ms(lambda each=each: ours.embedder.embed([each])) for each in questions[:100]]
    found = _spread("ours", mine)
    found["ours_cpu_ms_p50"] = _middle(mine_cpu)
    # Two calls for each question.
    found["ranking_and_confidence_ms_p50"] = _middle([sum(pair) for pair in zip(*[iter(ranked)] * 2, strict=True)])
    found["ours_embedding_ms_p50"] = _middle(embedding)
    if theirs is not None:
        found |= _spread("theirs", yours)
        found |= {"theirs_cpu_ms_p50": _middle(yours_cpu), "cpu_ratio_p50": _middle(yours_cpu) / _middle(mine_cpu)}
        found["ratio_p50"] = _middle(yours) / _middle(mine)
        found["ratio_p95"] = float(np.percentile(yours, 95) / np.percentile(mine, 95))
    return found


def first_exact(ours: Ours, questions: Sequence[str]) -> Figures:
    """How often the first hit is that of exact search; `exact.first_is_exact` says what is compared."""
    everything = exact.load(ours)
    same = [
        exact.first_is_exact(everything, ours.embedder.embed([each])[0], ours.base.search(WORKSPACE, each, limit=1_000))
        for each in questions
    ]
    return {"first_exact": float(np.mean(same)), "first_exact_questions": len(same)}


def ingest(embedder: Embedder, theirs: Callable[[Path], Theirs] | None, drafts: Sequence[kb.Draft]) -> Figures:
    """Entries per second into empty stores, in turns of equal parts."""
    spent = {"ours": 0.0, "theirs": 0.0}
    with tempfile.TemporaryDirectory() as name, opened(Path(name) / "ours", embedder) as ours:
        other = theirs(Path(name) / "theirs") if theirs is not None else None
        # The first call of either side loads what the others find loaded.
        ours.add(drafts[:8])
        if other is not None:
            other.add(drafts[:8])
        for start in range(8, len(drafts), 256):
            part = drafts[start : start + 256]
            spent["ours"] += _ms(lambda part=part: ours.add(part))
            if other is not None:
                spent["theirs"] += _ms(lambda part=part: other.add(part))
    count = 1_000 * (len(drafts) - 8)
    found: Figures = {"entries": len(drafts), "ours_per_s": count / spent["ours"]}
    if theirs is not None:
        found |= {"theirs_per_s": count / spent["theirs"], "ratio": spent["theirs"] / spent["ours"]}
    return found


def fresh(sides: dict[str, Path], model: Model, questions: Sequence[str], rounds: int) -> Figures:
    """A process of its own for each side, in turns: seconds to its first answer, and its memory after all of them."""
    waited: dict[str, list[float]] = {side: [] for side in sides}
    memory: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, folder in sides.items():
            how = [str(folder), str(model.cache), str(model.threads), model.weights]
            command = [sys.executable, "-m", "tests.benchmarks.speed.fresh", side, *how, *questions]
            started = time.perf_counter()
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                if process.stdout.readline().strip() != "answered":
                    raise SystemExit(f"The process that should measure {side} did not answer.")
                waited[side].append(time.perf_counter() - started)
                memory[side].append(float(process.stdout.read().split()[-1]))
    found: Figures = {}
    for side in sides:
        found[f"{side}_first_answer_s"] = _middle(waited[side])
        found[f"{side}_memory_mb"] = _middle(memory[side])
    if "theirs" in sides:
        found["memory_ratio"] = _middle(memory["ours"]) / _middle(memory["theirs"])
    return found


def large(small: Ours, big: Ours, questions: Sequence[str]) -> Figures:
    """The same questions in a small and a large knowledge base, in turns; and what the index misses."""
    for each in (small, big):
        each.base.warm(WORKSPACE)
    in_small, in_large = [], []
    for each in questions:
        in_small.append(_ms(lambda each=each: small.base.search(WORKSPACE, each)))
        in_large.append(_ms(lambda each=each: big.base.search(WORKSPACE, each)))
    found = _spread("small", in_small) | _spread("large", in_large)
    found["cost_ratio"] = _middle(in_large) / _middle(in_small)
    vectors = [big.embedder.embed([each])[0] for each in questions]
    embedding = _middle([_ms(lambda each=each: big.embedder.embed([each])) for each in questions[:100]])
    found["cost_ratio_without_embedding"] = (_middle(in_large) - embedding) / (_middle(in_small) - embedding)
    for name, side in (("small_recall_at_5", small), ("recall_at_5", big)):
        everything = exact.load(side)
        hits = [side.index.nearest(everything.collection, vector, 64) for vector in vectors]
        found[name] = float(np.mean([exact.recall(everything, *pair) for pair in zip(vectors, hits, strict=True)]))
    return found


def repeated(folder: Path, embedder: Embedder, questions: Sequence[str]) -> Figures:
    """How many texts are embedded when questions are asked a second time."""
    counting = Counting(embedder)
    with opened(folder, counting) as ours:
        for each in questions:
            ours.base.search(WORKSPACE, each)
        once = counting.count
        again = [_ms(lambda each=each: ours.base.search(WORKSPACE, each)) for each in questions]
    return {"embedded": once, "embedded_again": counting.count - once, **_spread("again", again)}


def approval(ours: Ours, questions: Sequence[str]) -> Figures:
    """From the approval of a new entry until a search finds it; taken back afterwards."""
    took = []
    for number, each in enumerate(questions):
        text = f"{each} ({number} of the measurement at {time.time_ns()})"
        draft = kb.Draft(text, f"The answer to it is {number}.", kb.Provenance("ingest"))
        started = time.perf_counter()
        with ours.sessions.begin() as session:
            entry = ours.base.publish(session, WORKSPACE, draft, by="measure")
        ours.base.apply_pending(WORKSPACE)
        found = ours.base.search(WORKSPACE, text)
        took.append(1_000 * (time.perf_counter() - started))
        if found.best is None or found.best.entry.id != entry.id:
            raise SystemExit("An approved entry was not found by its own question.")
        with ours.sessions.begin() as session:
            ours.base.retire(session, WORKSPACE, entry.id, by="measure")
        ours.base.apply_pending(WORKSPACE)
    return {"approvals": len(took), "ms_p50": _middle(took), "ms_p95": float(np.percentile(took, 95))}


def _timed(call: Callable[..., object], into: list[float]) -> Callable[..., object]:
    def timed(*given: object) -> object:
        started = time.perf_counter()
        try:
            return call(*given)
        finally:
            into.append(1_000 * (time.perf_counter() - started))

    return timed


def _ms(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return 1_000 * (time.perf_counter() - started)


def _middle(values: Sequence[float]) -> float:
    return float(np.median(values))


def _spread(name: str, values: Sequence[float]) -> Figures:
    return {f"{name}_ms_p50": _middle(values), f"{name}_ms_p95": float(np.percentile(values, 95))}
