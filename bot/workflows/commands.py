"""The slash command's question: shown in the asker's direct message, and answered like one that was typed there."""

import logging

from bot.desk import names
from bot.services import Services
from bot.slack.views import notices
from bot.workflows.steps import StepAway, StepFailed, step
from kb.ids import WorkspaceId
from learning import asides, conversations
from learning.conversations import MessageKind, Place, Privacy
from learning.ids import PersonId

log = logging.getLogger(__name__)


def ask(services: Services, workspace: WorkspaceId, channel: str, person: str, name: str) -> None:
    """Ask what was put aside.

    Args:
        channel: the direct message.
        name: under which the question was put aside.
    """
    try:
        step("ask", _ask, services, workspace, channel, PersonId(person), name)
    except StepAway:
        raise  # it is tried again later
    except StepFailed as error:
        reference = step("reference", services.ids)
        log.error("reference %s: %s was not asked: %s", reference, name, error)
        apology = notices.apology(reference)
        step("apologise", services.delivery.post, workspace, f"command:{name}:apology", channel, apology)
        raise


def _ask(services: Services, workspace: WorkspaceId, channel: str, person: PersonId, name: str) -> None:
    with services.sessions() as session:
        question = asides.read(session, workspace, name, vault=services.vault)
    if question is None:
        return
    posted = services.delivery.post(workspace, f"command:{name}", channel, notices.you_asked(question))
    if posted is None:
        return
    with services.sessions.begin() as session:
        now, place = services.clock(), Place(channel, posted.ts)
        conversation = conversations.open_conversation(
            session, workspace, place, person, privacy=Privacy.DIRECT, now=now, ids=services.ids
        )
        conversations.record_message(
            session,
            workspace,
            conversation.id,
            place=place,
            ts=posted.ts,
            author=person,
            kind=MessageKind.USER,
            text=question,
            vault=services.vault,
            now=now,
            ids=services.ids,
        )
        workflow_id = f"{workspace}:{channel}:{posted.ts}:{names.ANSWER}"
        services.work.enqueue(session, names.ANSWER, workflow_id, workspace, channel, posted.ts, lane=conversation.id)
        asides.drop(session, workspace, name, now=now)
