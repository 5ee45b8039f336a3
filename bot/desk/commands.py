"""The slash command's question: asked in the direct message, so that only the asker sees it and all else works."""

from bot.desk import names
from bot.services import Services
from bot.slack.payloads import Command
from bot.slack.views import notices
from bot.slack.views.kit import Message
from learning import conversations, people
from learning.conversations import MessageKind, Place, Privacy


def ask(services: Services, typed: Command) -> Message:
    """Put the question into the asker's direct message, where the answer follows; what to say at once."""
    if not typed.rest:
        return notices.line("Write your question behind it: `/kb ask How do I reset my password?`")
    workspace = typed.asker.origin.workspace
    channel = services.delivery.direct_channel(typed.asker.user)
    key = f"command:{typed.asker.trigger_id or services.ids()}"
    posted = services.delivery.post(workspace, key, channel, notices.you_asked(typed.rest))
    if posted is None:
        return notices.line("I cannot write to you directly. Please open a direct message with me and ask there.")
    with services.sessions.begin() as session:
        person = people.person_for(session, workspace, typed.asker.user, now=services.clock(), ids=services.ids)
        place = Place(channel, posted.ts)
        conversation = conversations.open_conversation(
            session, workspace, place, person, privacy=Privacy.DIRECT, now=services.clock(), ids=services.ids
        )
        conversations.record_message(
            session,
            workspace,
            conversation.id,
            place=place,
            ts=posted.ts,
            author=person,
            kind=MessageKind.USER,
            text=typed.rest,
            vault=services.vault,
            now=services.clock(),
            ids=services.ids,
        )
        workflow_id = f"{workspace}:{channel}:{posted.ts}:answer"
        services.work.enqueue(session, names.ANSWER, workflow_id, workspace, channel, posted.ts, lane=conversation.id)
    return notices.line("I'm answering you in a direct message, where only you see it.")
