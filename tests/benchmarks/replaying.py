"""How long the replay of a thousand recorded decisions takes, with a scripted model that answers at once.

A model over HTTP is asked for every one of them; `--at-once` cases are decided at a time. Prints one JSON line.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from threading import Event

from bot.replay import Wish, begin, plan, resume
from bot.scripted_model import Line, ScriptedModel
from bot.settings import alone
from kb.embedding import open_embedder
from tests.bot.replay_world import THEN, make_past, multiplied
from tests.conftest import ingest_fixtures


def main() -> None:
    """Record them, replay them, and say how long that took."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.replaying", description=__doc__)
    parser.add_argument("--decisions", type=int, default=1_000)
    parser.add_argument("--at-once", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        knowledge, cache = Path(name) / "knowledge", Path(name) / "models"
        knowledge.mkdir()
        open_embedder(cache=cache)
        ingest_fixtures(knowledge, cache)
        past = multiplied(make_past(knowledge, Path(name) / "data"), given.decisions // 4)
        print(json.dumps(_measured(past.folder, tuple(past.decisions.values()), given.at_once)), flush=True)


def _measured(folder: Path, decisions: tuple[str, ...], at_once: int) -> dict[str, float]:
    script = (Line(match="hour", reply="The incident lead keeps no log at all [1]."), *THEN)
    with ScriptedModel(script) as url:
        settings = alone(data_dir=folder, model_base_url=url, model_reports_usage=True)
        began = time.monotonic()
        # From this threshold on nothing is said without a model.
        wish = Wish(decisions=decisions, model="now", answer_threshold=1.0)
        planned = plan(settings, "", wish, at_once=at_once, report=lambda done, total: None)
        run = begin(settings, planned)
        estimated = time.monotonic() - began
        found = resume(settings, "", run, at_once=at_once, report=lambda done, total: None, stop=Event())
        took = time.monotonic() - began
    return {
        "decisions": len(decisions),
        "pairs": found["verdict"]["pairs"],
        "at_once": at_once,
        "estimated_in_seconds": round(estimated, 1),
        "seconds": round(took, 1),
    }


if __name__ == "__main__":
    main()
