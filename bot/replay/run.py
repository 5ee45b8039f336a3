"""Replaying: chosen, estimated, carried out, resumed, and told as JSON values. What the terminal and programs call."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

from filelock import FileLock, Timeout

from bot.database import Database, opened
from bot.errors import BotError
from bot.records import only_workspace
from bot.replay.choosing import Chosen, Wish, choose
from bot.replay.expecting import expect
from bot.replay.setup import Setup
from bot.replay.workplace import agent_for, redactor, workplace, writer
from bot.settings import Settings
from kb.database import reading
from kb.ids import WorkspaceId
from learning import replay
from learning.replay import Case, Estimate, Progress, Replays, Run, RunId, State, Verdict
from learning.statistics import LEVEL, Interval

#: Told how far long work is: (done, total).
Report = Callable[[int, int], None]
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Planned:
    """What would be replayed, and what that would take."""

    chosen: Chosen
    estimate: Estimate

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"setup": self.chosen.setup.plain(), "estimate": _estimate(self.estimate)}


def plan(settings: Settings, workspace: str, wish: Wish, *, at_once: int, report: Report) -> Planned:
    """What a wish means, and what it would take; nothing is begun.

    Raises:
        BotError, NotUnderstood, Unusable: what was typed cannot be used; the message says what is missing.
        Unknown: a decision is not recorded; the message names it.
        Misconfigured: there is no server for the model.
    """
    with opened(settings) as database:
        with reading(database.sessions) as session:
            chosen = choose(settings, session, only_workspace(session, workspace), wish)
        agent_for(settings, chosen.setup, chosen.instructions)
        return Planned(chosen, expect(database, chosen, at_once=at_once, report=report))


def begin(settings: Settings, planned: Planned) -> RunId:
    """Begin a run; nothing is replayed yet, and what is cut off from here on can be resumed."""
    chosen = planned.chosen
    with opened(settings) as database:
        replays = _writer(settings, database, chosen.workspace)
        return replays.begin(chosen.decisions, setup=chosen.setup.plain(), text=chosen.instructions).id


def resume(
    settings: Settings,
    workspace: str,
    run: str,
    *,
    at_once: int,
    report: Report,
    stop: Event | None = None,
    texts: bool = False,
) -> dict[str, Any]:
    """Replay what of a run has no pair yet, and say what it shows; of a finished run only that.

    Args:
        at_once: how many cases at a time.
        stop: set by who wants it to stop; what is under way is finished and kept.
        texts: whether to tell what was said on both sides of every case.

    Raises:
        Unknown: there is no such run.
        BotError: another process works on it, or it was begun with another version of the program.
        NotRebuilt: the knowledge base cannot be given as it stood then.
    """
    with opened(settings) as database:
        with reading(database.sessions) as session:
            named = only_workspace(session, workspace)
            found = replay.store.one(session, named, RunId(run), vault=database.vault)
            left = replay.store.to_try(session, named, found.id)
        if not left:
            replays = _writer(settings, database, named)
            return _told(replays, found, replays.progress(found.id), texts=texts)
        setup = Setup.of(dict(found.setup))
        with _alone(settings, found.id), workplace(settings, database, named, setup, found.text) as made:
            progress = made.replays.carry_on(found.id, made.replayer, at_once=at_once, report=report, stop=stop)
            return _told(made.replays, found, progress, texts=texts)


def listed(settings: Settings, workspace: str) -> list[dict[str, Any]]:
    """The newest runs, newest first."""
    with opened(settings) as database:
        with reading(database.sessions) as session:
            named = only_workspace(session, workspace)
            found = replay.newest(session, named, vault=database.vault)
        replays = _writer(settings, database, named)
        return [
            {"run": one.id, "at": one.at.isoformat(), "setup": dict(one.setup), **_progress(replays.progress(one.id))}
            for one in found
        ]


@contextlib.contextmanager
def _alone(settings: Settings, run: RunId) -> Iterator[None]:
    """Two on this machine that carry on with the same run would ask the same twice; who dies lets go by that.

    Raises:
        BotError: another process carries on with it.
    """
    lock = FileLock(settings.data_dir / f"replay-{run}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BotError(f"Another process is replaying {run} at this moment; wait for it, or stop it.") from None
    try:
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _writer(settings: Settings, database: Database, workspace: WorkspaceId) -> Replays:
    return writer(database, workspace, redactor(settings, database, workspace))


def _told(replays: Replays, run: Run, progress: Progress, *, texts: bool) -> dict[str, Any]:
    verdict = replays.verdict(run.id)
    return {
        "run": run.id,
        "setup": dict(run.setup),
        "progress": {**_progress(progress), "stopped": progress.stopped, "why": progress.why},
        "passed": verdict.complete and not verdict.became_unsafe and not verdict.worse,
        "verdict": _verdict(verdict),
        "cases": [_case(replays, run.id, one, texts=texts) for one in replays.cases(run.id)],
    }


def _case(replays: Replays, run: RunId, case: Case, *, texts: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"decision": case.decision, "state": case.state, "reason": case.reason}
    if case.difference is None:
        return told
    told["difference"] = {
        **asdict(case.difference),
        "safety": replay.change(*case.difference.hazards),
        "hazards": [sorted(side) for side in case.difference.hazards],
    }
    told["used"] = {**asdict(case.used), "took": round(case.used.took / _MILLISECOND)}
    if texts and case.state is State.DONE:
        sides = replays.sides(run, case.decision)
        told["before"], told["after"] = (None, None) if sides is None else (one.answer for one in sides)
        changed = () if sides is None else replay.differences(*(one.calls for one in sides))
        told["tools"] = [{**asdict(one), "arguments": one.arguments} for one in changed]
    return told


def _verdict(found: Verdict) -> dict[str, Any]:
    return {
        "cases": found.cases,
        "pairs": found.pairs,
        "complete": found.complete,
        "waiting": found.waiting,
        "missing": dict(found.missing),
        "level": LEVEL,
        **{name: _interval(getattr(found, name)) for name in ("same_words", "same_text", "agrees")},
        "agreement_median": found.agreement,
        "answered": {str(name): count for name, count in found.answered.items()},
        "intents": [{"before": one, "after": other, "cases": n} for (one, other), n in found.intents.items()],
        "tools_differ": list(found.tools),
        "safety": {
            "became_unsafe": list(found.became_unsafe),
            "worse": list(found.worse),
            "became_safe": found.became_safe,
            "stayed_unsafe": found.stayed_unsafe,
        },
        "paired": [
            {
                "name": one.name,
                "pairs": one.result.pairs,
                "gained": one.result.gained,
                "lost": one.result.lost,
                "mcnemar_p": one.result.mid_p,
                "mcnemar_exact_p": one.result.exact_p,
                "difference": _interval(one.result.difference),
                "by_conversation": _interval(one.by_conversation),
            }
            for one in found.paired
        ],
        "took_seconds": round(found.took.total_seconds(), 3),
        "tokens_in": found.tokens_in,
        "tokens_out": found.tokens_out,
        "cost": found.cost,
    }


def _interval(found: Interval | None) -> dict[str, float] | None:
    return None if found is None else {"estimate": found.estimate, "low": found.low, "high": found.high}


def _progress(found: Progress) -> dict[str, Any]:
    return {
        "total": found.total,
        "done": found.done,
        "missing": found.missing,
        "failed": found.failed,
        "waiting": found.waiting,
    }


def _estimate(found: Estimate) -> dict[str, Any]:
    return {**asdict(found), "time": round(found.time.total_seconds(), 1)}
