"""How long one question takes, from its text to its evidence, in a large knowledge base.

python -m tests.benchmarks.latency --data DIR [--entries 10000] [--threads 1] [--json]
"""

import argparse
import json
import random
import tempfile
import time
from pathlib import Path

import numpy as np

import kb
from tests.benchmarks.observing import WORKSPACE
from tests.benchmarks.public_data import rows

_ORIGIN = kb.Provenance("ingest")


def texts(data: Path, count: int, seed: int = 1) -> tuple[list[kb.Draft], list[str]]:
    """`count` entries from medical pages and support requests, and 500 questions that are none of them."""
    chance = random.Random(seed)
    medical = [kb.Draft(row["question"], row["answer"][:600], _ORIGIN) for row in rows(data, "medquad_half")]
    requests = [kb.Draft(row["text"], "See the help page.", _ORIGIN) for row in rows(data, "bitext_intents")]
    drafts = medical + requests
    chance.shuffle(drafts)
    asked = [row["text"] for row in rows(data, "banking77_test")] + [
        row["question"] for row in rows(data, "squad2_dev_questions")
    ]
    return drafts[:count], chance.sample(asked, 500)


def main() -> None:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public question sets")
    parser.add_argument("--cache", type=Path, default=Path(".answerloop/models"), help="where exported models are kept")
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=1, help="threads of the embedder")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    given = parser.parse_args()
    drafts, asked = texts(given.data, given.entries)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = kb.open_engine(f"sqlite:///{folder / 'latency.db'}")
        kb.Base.metadata.create_all(engine)
        sessions = kb.make_sessions(engine)
        index = kb.open_index(folder / "index")
        embedder = kb.open_embedder(cache=given.cache, threads=given.threads)
        base = kb.KnowledgeBase(sessions=sessions, index=index, embedder=embedder, clock=kb.utc_now, ids=kb.new_ulid)
        started = time.perf_counter()
        with sessions.begin() as session:
            for draft in drafts:
                base.publish(session, WORKSPACE, draft, by="measure")
        published = time.perf_counter() - started
        base.apply_pending(WORKSPACE)
        indexed = time.perf_counter() - started - published
        started = time.perf_counter()
        base.search(WORKSPACE, "the first question reads all words")
        first = time.perf_counter() - started
        searched = []
        for question in asked:
            started = time.perf_counter()
            base.search(WORKSPACE, question)
            searched.append(1_000 * (time.perf_counter() - started))
        embedded = []
        for question in asked:
            started = time.perf_counter()
            embedder.embed([question])
            embedded.append(1_000 * (time.perf_counter() - started))
        index.close()
        engine.dispose()
    found = {
        "entries": len(drafts),
        "threads": given.threads,
        "publish_per_s": len(drafts) / published,
        "index_per_s": len(drafts) / indexed,
        "first_search_s": first,
        "search_ms_p50": float(np.percentile(searched, 50)),
        "search_ms_p95": float(np.percentile(searched, 95)),
        "of_which_embedding_ms_p50": float(np.percentile(embedded, 50)),
    }
    rounded = {key: round(value, 2) for key, value in found.items()}
    print(json.dumps(rounded) if given.json else "  ".join(f"{key} {value}" for key, value in rounded.items()))


if __name__ == "__main__":
    main()
