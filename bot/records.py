"""What the terminal's commands do with records and people: look, verify, forget. They need the database alone."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.database import Database, opened
from bot.errors import BotError
from bot.settings import Settings
from bot.telemetry import AGENT, PROVIDER
from kb.clock import utc_now
from kb.ids import WorkspaceId
from learning import erasure, feedback, outcomes, people, proposals, recorder, signals
from learning.errors import Unknown
from learning.genai import CONVENTION, attributes
from learning.ids import DecisionId, PersonId, ProposalId
from learning.outcomes import Outcome
from learning.proposals import ProposalKind
from learning.recorder import Damage, DecisionKind, Fault, Head, RecordedDecision

Report = Callable[[int, int], None]

_SAYS = {
    Damage.CHANGED: "is not what was recorded",
    Damage.MISSING: "is missing",
    Damage.REORDERED: "does not stand where it was sealed",
}


def listed(
    settings: Settings, workspace: str, *, kind: str = "", before: str = "", limit: int = 20
) -> list[dict[str, Any]]:
    """The newest records, newest first.

    Args:
        kind: only these; empty means all.
        before: the id of the record to go on from, towards older ones.

    Raises:
        BotError: there is no such kind, or the workspace has to be named.
    """
    wanted = _kind(kind)
    with opened(settings) as database, database.sessions() as session:
        found = recorder.newest(
            session,
            only_workspace(session, workspace),
            vault=database.vault,
            kind=wanted,
            before=DecisionId(before) if before else None,
            limit=limit,
        )
        return [plain(one) for one in found]


def shown(settings: Settings, workspace: str, decision: str) -> dict[str, Any]:
    """One record with everything that is known of it.

    Raises:
        Unknown: there is no such decision.
    """
    with opened(settings) as database, database.sessions() as session:
        named = only_workspace(session, workspace)
        found = recorder.one(session, named, DecisionId(decision), vault=database.vault)
        tally = feedback.tally(session, named, found.id)
        told = feedback.explanations(session, named, found.id)
        posts = recorder.posts_of(session, named, found.id)
        noted = signals.of(session, named, found.id)
        became = outcomes.of(session, named, found.id)
        under = recorder.under(session, named, found.decision.place, found.decision.ts, vault=database.vault)
    return {
        **plain(found),
        "posts": [{"channel": one.place.channel, "thread": one.place.thread, "ts": one.ts} for one in posts],
        "feedback": {
            "up": tally.up,
            "down": tally.down,
            "reasons": [{"reason": one.reason, "comment": one.comment, "at": one.at.isoformat()} for one in told],
        },
        "signals": [
            {"kind": one.kind, "found_by": one.found_by, "value": one.value, "at": one.at.isoformat()} for one in noted
        ],
        "outcomes": [_outcome(one) for one in became],
        "under": [{"id": one.id, "kind": one.kind, "rule": one.decision.rule} for one in under],
    }


def verified(settings: Settings, workspace: str, *, kept: str = "", report: Report | None = None) -> dict[str, Any]:
    """Whether every record of a workspace is what was written.

    Args:
        kept: a head kept elsewhere, as `SEQ:HASH`; the chain must still run through it.

    Raises:
        BotError: the head cannot be read, or the workspace has to be named.
    """
    with opened(settings) as database, database.sessions() as session:
        named = only_workspace(session, workspace)
        found = recorder.verify(session, named, kept=_head(kept), report=report)
    return {
        "ok": found.fault is None,
        "sealed": found.sealed,
        "waiting": found.waiting,
        "head": f"{found.head.seq}:{found.head.hash}",
        "fault": None if found.fault is None else _fault(found.fault),
    }


def forget(settings: Settings, workspace: str, user: str) -> dict[str, Any]:
    """Erase a person.

    Args:
        user: their id in Slack, or their opaque one.

    Raises:
        BotError: nobody is known by this id.
    """
    with opened(settings) as database:
        with database.sessions.begin() as session:
            named = only_workspace(session, workspace)
            person = _person(session, named, user)
            done = erasure.forget(session, named, person, vault=database.vault, now=utc_now())
            _redraw(database, session, named, done.proposals)
        database.scrub()
    return {"person": person, **asdict(done)}


def plain(found: RecordedDecision) -> dict[str, Any]:
    """A record as JSON values; times in milliseconds."""
    decision = asdict(found.decision)
    del decision["place"]
    place = found.decision.place
    return {
        "id": found.id,
        "workspace": found.workspace,
        "at": found.at.isoformat(),
        "schema_version": found.schema_version,
        "erased": found.erased,
        "unread": found.unread,
        "channel": place.channel,
        "thread": place.thread,
        **decision,
        "latency": _milliseconds(found.decision.latency),
        "stages": {name: _milliseconds(took) for name, took in found.decision.stages.items()},
        "otel": {"convention": CONVENTION, "attributes": attributes(found, agent=AGENT, provider=PROVIDER)},
    }


def only_workspace(session: Session, named: str) -> WorkspaceId:
    """The named workspace, or the only one that has records.

    Raises:
        BotError: there is none yet, or there are several.
    """
    if named:
        return WorkspaceId(named)
    known = recorder.workspaces(session)
    if len(known) == 1:
        return known[0]
    if not known:
        raise BotError("Nothing has been recorded yet.")
    raise BotError(f"There are several workspaces; name one with --workspace: {', '.join(known)}")


def _kind(named: str) -> DecisionKind | None:
    if not named:
        return None
    try:
        return DecisionKind(named)
    except ValueError:
        raise BotError(f"There is no kind '{named}'; there are {', '.join(DecisionKind)}.") from None


def _head(kept: str) -> Head | None:
    if not kept:
        return None
    seq, _, hashed = kept.partition(":")
    if not seq.isdecimal() or len(hashed) != 64:
        raise BotError("A head looks like 17:3f…: a number, a colon and 64 characters, as `verify` prints it.")
    return Head(int(seq), hashed)


def _fault(found: Fault) -> dict[str, Any]:
    which = f"record {found.decision}" if found.decision else "a record"
    place = f"number {found.seq} of the chain" if found.seq else "not sealed yet"
    return {
        "decision": found.decision,
        "seq": found.seq,
        "damage": found.damage,
        "says": f"{which[0].upper()}{which[1:]} ({place}) {_SAYS[found.damage]}.",
    }


def _person(session: Session, workspace: WorkspaceId, user: str) -> PersonId:
    known = people.find(session, workspace, user)
    if known is not None:
        return known
    try:
        return people.one(session, workspace, PersonId(user)).id
    except Unknown:
        raise BotError(f"Nobody is known here as '{user}'; give their Slack id, such as U012AB3CD.") from None


def _redraw(database: Database, session: Session, workspace: WorkspaceId, emptied: tuple[ProposalId, ...]) -> None:
    """Let the cards of what was emptied be drawn anew by the bot that runs, or runs next."""
    found = [proposals.one(session, workspace, one) for one in emptied]
    with_card = [one for one in found if one.kind is not ProposalKind.NEW_PHRASING and not one.needs_answer]
    if not with_card:
        return
    from bot.desk import names
    from bot.workflows.work import DurableWork

    work = DurableWork(database.engine)
    for one in with_card:
        # What was decided and applied is drawn once search has followed.
        draw = names.APPLY if one.applied is not None else names.SHOW_PROPOSAL
        work.enqueue(session, draw, f"{workspace}:proposal:{one.id}:erased:show", workspace, one.id, lane=one.id)


def _outcome(found: Outcome) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "happened": found.happened,
        "says": found.meaning,
        "found_by": found.window.rule,
        "opens": found.window.opens.isoformat(),
        "closes": found.window.closes.isoformat(),
    }


def _milliseconds(took: timedelta) -> int:
    return round(took / timedelta(milliseconds=1))
