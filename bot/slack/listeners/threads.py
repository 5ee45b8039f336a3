"""The threads that got an answer which no longer holds, to tick and to send one corrected reply to."""

from bot.desk import entries, names
from bot.services import Services
from bot.slack import actions
from bot.slack.listeners.conduct import actor, open_modal
from bot.slack.listeners.forms import Form, FormErrors
from bot.slack.payloads import Asker
from bot.slack.views import forms
from kb.ids import EntryId, WorkspaceId
from learning import conversations, recorder
from learning.conversations import MessageKind, Place
from learning.errors import NotAllowed
from learning.ids import DecisionId
from learning.recorder import RecordedDecision


def open_affected(services: Services, asker: Asker, entry: EntryId, *, reply: str = "") -> None:
    """Show staff who was given an entry in the last 30 days."""
    workspace = asker.origin.workspace
    found = entries.affected(services, workspace, entry)
    threads = [_thread(services, one) for one in found]
    open_modal(services, asker, forms.affected_threads_form(entry, threads, reply))


def send(services: Services, form: Form) -> FormErrors:
    """One corrected reply to every ticked thread. The text waits with the messages until it is sent."""
    if not actor(services, form.asker).is_staff:
        raise NotAllowed("Only support staff and admins can send corrections.")
    ticked = form.values.chosen(actions.FIELD_THREADS)
    reply = form.values.long_text(actions.FIELD_REPLY)
    if not ticked:
        return {f"{actions.FIELD_THREADS}_1": "Tick at least one thread, or close this."}
    if not reply:
        return {form.block(actions.FIELD_REPLY): "Please write what they shall be told."}
    for decision in ticked:
        _hand_over(services, form.workspace, decision, reply)
    return {}


def _hand_over(services: Services, workspace: WorkspaceId, decision: str, reply: str) -> None:
    with services.sessions.begin() as session:
        found = recorder.one(session, workspace, DecisionId(decision))
        if found.decision.conversation is None:
            return
        place = found.decision.place
        waiting = f"correction:{services.ids()}"
        conversations.record_message(
            session,
            workspace,
            found.decision.conversation,
            place=Place(place.channel, place.thread),
            ts=waiting,
            author=None,
            kind=MessageKind.BOT,
            text=reply,
            vault=services.vault,
            now=services.clock(),
            ids=services.ids,
        )
        workflow_id = f"{workspace}:{place.channel}:{waiting}"
        services.work.enqueue(
            session,
            names.SEND_CORRECTION,
            workflow_id,
            workspace,
            place.channel,
            waiting,
            lane=found.decision.conversation,
        )


def _thread(services: Services, found: RecordedDecision) -> forms.AffectedThread:
    days = (services.clock() - found.at).days
    when = "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"
    channel = services.identity.remembered_channel(found.decision.place.channel)
    place = f"#{channel.name}" if channel.name and not channel.direct else "a direct message"
    return forms.AffectedThread(found.id, found.decision.question, place, when)
