"""Learning: what people did and wrote becomes proposals, and who wrote is told what became of it."""

import logging

from sqlalchemy.orm import Session

from bot.desk import added, home, resolutions, votes
from bot.desk import proposals as desk
from bot.services import Services
from bot.slack.views import notices
from bot.slack.views.kit import Message
from bot.workflows.steps import StepAway, StepFailed, step
from kb.ids import WorkspaceId
from learning import asides, conversations, people, proposals
from learning.ids import DecisionId, HandoffId, PersonId, ProposalId
from learning.people import Actor
from learning.proposals import ProposalState, Proposed

log = logging.getLogger(__name__)

#: What becomes of words that say what is known already.
_KNOWN = "known"


def from_resolution(services: Services, workspace: WorkspaceId, handoff: str) -> None:
    """Propose what staff settled a handoff with, or, where they keep it out, note whether it was known."""
    step("propose", _from_resolution, services, workspace, handoff)


def from_vote(services: Services, workspace: WorkspaceId, decision: str, person: str) -> None:
    """Propose what the votes on an answer speak for."""
    step("propose", _from_vote, services, workspace, decision, person)


def from_correction(
    services: Services, workspace: WorkspaceId, decision: str, person: str, channel: str, waiting: str
) -> None:
    """Propose what somebody says an answer should have been; staff are told where it proposes nothing.

    Args:
        channel, waiting: where their words lie until then.
    """
    outcome = step("propose", _from_correction, services, workspace, decision, person, channel, waiting)
    if outcome:
        step("tell", _tell_staff, services, workspace, person, waiting, outcome)
    step("forget", _forget, services, workspace, channel, waiting)


def from_entry(services: Services, workspace: WorkspaceId, person: str, name: str, waiting: str) -> None:
    """Propose what somebody wrote by hand, and tell them what became of it.

    Args:
        name: under which their words were put aside.
        waiting: the question that needed this answer, by its proposal's id; empty for none.
    """
    try:
        outcome = step("propose", _from_entry, services, workspace, person, name, waiting)
    except StepAway:
        raise  # it is tried again later
    except StepFailed as error:
        reference = step("reference", services.ids)
        log.error("reference %s: %s was not proposed: %s", reference, name, error)
        step("apologise", _post_to, services, workspace, person, name, notices.failed(reference))
        raise
    step("tell", _tell_writer, services, workspace, person, name, outcome)
    step("forget", _forget_aside, services, workspace, name)
    if waiting:
        step("draw", _draw_home, services, workspace, person)


def from_choice(services: Services, workspace: WorkspaceId, decision: str) -> None:
    """Propose the words of somebody who chose one of the nearest questions."""
    step("propose", _from_choice, services, workspace, decision)


def _from_resolution(services: Services, workspace: WorkspaceId, handoff: str) -> None:
    resolutions.learn(services, workspace, HandoffId(handoff))


def _from_correction(
    services: Services, workspace: WorkspaceId, decision: str, person: str, channel: str, waiting: str
) -> str:
    """What became of a correction; see `_outcome`."""
    with services.sessions() as session:
        told = conversations.message(session, workspace, channel, waiting, vault=services.vault)
    if told is None or not told.text:
        return ""
    return _outcome(desk.from_correction(services, workspace, DecisionId(decision), PersonId(person), told.text))


def _outcome(proposed: Proposed | None) -> str:
    """What became of somebody's words: empty where they wait for an admin, known, or the id of what was rejected."""
    if proposed is None:
        return _KNOWN
    return proposed.proposal.id if proposed.proposal.state is ProposalState.REJECTED else ""


def _tell_staff(services: Services, workspace: WorkspaceId, person: str, waiting: str, outcome: str) -> None:
    with services.sessions() as session:
        user = people.external_of(session, workspace, PersonId(person))
        message = _told(session, workspace, outcome)
    if Actor(PersonId(person), services.identity.roles(user)).is_staff:
        services.delivery.post(workspace, waiting, services.delivery.direct_channel(user), message)


def _from_entry(services: Services, workspace: WorkspaceId, person: str, name: str, waiting: str) -> str:
    return _outcome(added.propose(services, workspace, PersonId(person), name, waiting))


def _tell_writer(services: Services, workspace: WorkspaceId, person: str, name: str, outcome: str) -> None:
    with services.sessions() as session:
        message = _told(session, workspace, outcome)
    _post_to(services, workspace, person, name, message)


def _post_to(services: Services, workspace: WorkspaceId, person: str, key: str, message: Message) -> None:
    """Write to one person, once per `key`."""
    with services.sessions() as session:
        user = people.external_of(session, workspace, PersonId(person))
    services.delivery.post(workspace, key, services.delivery.direct_channel(user), message)


def _told(session: Session, workspace: WorkspaceId, outcome: str) -> Message:
    """What somebody is told of what became of their words."""
    if not outcome:
        return notices.proposed()
    if outcome == _KNOWN:
        return notices.known_already()
    return notices.rejected_before(proposals.one(session, workspace, ProposalId(outcome)).reason or "")


def _forget_aside(services: Services, workspace: WorkspaceId, name: str) -> None:
    with services.sessions.begin() as session:
        asides.drop(session, workspace, name, now=services.clock())


def _draw_home(services: Services, workspace: WorkspaceId, person: str) -> None:
    """The question has left the list of those that need an answer."""
    with services.sessions() as session:
        user = people.external_of(session, workspace, PersonId(person))
    home.draw(services, workspace, user)


def _forget(services: Services, workspace: WorkspaceId, channel: str, waiting: str) -> None:
    with services.sessions.begin() as session:
        conversations.delete_message(session, workspace, channel, waiting, now=services.clock())


def _from_choice(services: Services, workspace: WorkspaceId, decision: str) -> None:
    desk.from_choice(services, workspace, DecisionId(decision))


def _from_vote(services: Services, workspace: WorkspaceId, decision: str, person: str) -> None:
    votes.weigh(services, workspace, DecisionId(decision), PersonId(person))
