"""The card of a proposal: what a reviewer sees of it, and who may see the card."""

from bot.desk import actors
from bot.services import Services
from bot.slack.views import proposals as views
from bot.slack.views.kit import Message
from kb.entries import EVERYONE, Audience
from kb.errors import EmptyQuestion
from learning import proposals, recorder
from learning.proposals import Origin, Proposal, ProposalKind, ProposalState
from learning.recorder import DecisionKind

_ORIGINS = {
    Origin.RESOLUTION: "a resolution",
    Origin.CORRECTION: "a correction",
    Origin.VOTES: "helpful votes",
    Origin.CLICK: "a chosen question",
    Origin.ADD_COMMAND: "an entry written by hand",
    Origin.THUMBS_DOWN: "a thumbs-down",
}
_VERDICTS = {
    ProposalState.REJECTED: views.Verdict.REJECTED,
    ProposalState.UNDONE: views.Verdict.UNDONE,
    ProposalState.DROPPED: views.Verdict.SUPERSEDED,
}


def waiting(services: Services, found: Proposal) -> Message:
    """The card of what waits for a decision."""
    with services.sessions() as session:
        target = None
        if found.target is not None:
            entry = services.knowledge.get(session, found.workspace, found.target.entry, found.target.version)
            target = views.Target(entry.question, entry.answer, entry.version)
        people = tuple(dict.fromkeys(actors.shown(session, found.workspace, one.person) for one in found.sources))
    place = found.sources[0].place if found.sources else None
    link = services.delivery.permalink(place.channel, place.thread) if place and not found.private else None
    details = {one.text for part in found.contact_details(services.redaction.allowed).values() for one in part}
    return views.proposal(
        views.ProposalCard(
            proposal=found.id,
            shown=proposals.shown_prefix(found),
            kind=views.CardKind(found.kind.value),
            question=found.draft.question,
            answer=found.draft.answer,
            phrasings=found.draft.phrasings,
            origin=_ORIGINS[found.origin],
            url=link or "",
            people=people,
            count=found.conversations,
            audience=audience_words(found.draft.audience),
            contacts=tuple(sorted(details)),
            target=target,
            private=found.private,
        )
    )


def decided(services: Services, found: Proposal) -> Message:
    """The card of what was decided, with the proof where it was approved."""
    with services.sessions() as session:
        by = actors.shown(session, found.workspace, found.decided_by)
    approved = found.state is ProposalState.APPROVED
    edited = views.Verdict.EDITED if found.edited_by is not None else views.Verdict.APPROVED
    return views.decided(
        views.DecidedCard(
            proposal=found.id,
            verdict=edited if approved else _VERDICTS[found.state],
            question=found.draft.question,
            by=by,
            reason=found.reason or "",
            proof=_proof(services, found) if approved else None,
            undoable=approved,
            entry=_given_before(found),
        )
    )


def _given_before(found: Proposal) -> str:
    """The entry of which people were given another answer before this was decided; empty for none."""
    undone = found.state is ProposalState.UNDONE
    replaced = found.state is ProposalState.APPROVED and found.previous_version
    whole = found.kind is not ProposalKind.NEW_PHRASING
    return found.applied.entry if found.applied is not None and whole and (undone or replaced) else ""


def _proof(services: Services, found: Proposal) -> views.Proof | None:
    """The original question asked again: what was decided then, and what search says now."""
    source = next((one for one in found.sources if one.decision is not None), None)
    if source is None or source.decision is None or found.applied is None:
        return None
    with services.sessions() as session:
        decision = recorder.one(session, found.workspace, source.decision, vault=services.vault)
        audiences = services.knowledge.audiences(session, found.workspace)
    # As those would find it who read the thread: the card must not name what they may not know of.
    readers = readers_of(services, found, audiences) | found.draft.audience.refs
    try:
        now = services.knowledge.search(found.workspace, decision.decision.question, readers=readers)
    except EmptyQuestion:
        return None
    before = (
        f"not sure ({decision.decision.confidence:.0%})"
        if decision.kind is DecisionKind.ABSTAINED
        else f"{decision.kind} ({decision.decision.confidence:.0%})"
    )
    best = now.best
    after = "not found"
    if best is not None:
        which = "this answer" if best.entry.id == found.applied.entry else f"“{best.entry.question}”"
        after = f"{which} ({now.confidence:.0%})"
    return views.Proof(decision.decision.question, before, after)


def audience_words(audience: Audience) -> str:
    """Who would be shown an answer, in words."""
    if audience == EVERYONE:
        return "everyone"
    named = ", ".join(_ref_words(ref) for ref in sorted(audience.refs))
    return f"only {named}"


def _ref_words(ref: str) -> str:
    kind, _, name = ref.partition(":")
    return f"the channel {name}" if kind == "channel" else f"the group {name}"


def readers_of(services: Services, found: Proposal, audiences: frozenset[str]) -> frozenset[str]:
    """Which of `audiences` hold for everyone who reads the thread that a proposal comes from."""
    if not audiences or not found.sources:
        return frozenset()
    source = found.sources[0]
    with services.sessions() as session:
        person = actors.shown(session, found.workspace, source.person)
    return services.identity.readers(source.place.channel, person, audiences)
