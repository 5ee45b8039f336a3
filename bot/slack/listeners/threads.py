"""The threads that got an answer which no longer holds, to tick and to send one corrected reply to."""

import logging
import time
from collections.abc import Mapping, Sequence

from slack_sdk.errors import SlackApiError

from bot.desk import affected
from bot.desk.affected import Affected
from bot.services import Services
from bot.slack import actions
from bot.slack.listeners.conduct import actor, on_click, open_modal, tell
from bot.slack.listeners.forms import Form, FormErrors
from bot.slack.payloads import Asker, ButtonClick
from bot.slack.views import forms, notices
from bot.slack.views.kit import View
from kb.ids import EntryId, WorkspaceId
from learning.errors import NotAllowed
from learning.ids import DecisionId

log = logging.getLogger(__name__)


def who(services: Services, click: ButtonClick) -> None:
    """'Who got this answer?' on a decided card or a notice."""

    def act(entry: str) -> None:
        if not actor(services, click.asker).is_staff:
            raise NotAllowed("Only support staff and admins can send corrections.")
        open_modal(services, click.asker, form_for(services, click.asker.origin.workspace, EntryId(entry)))

    on_click(services, click, act)


def show(services: Services, asker: Asker, entry: EntryId, *, always: bool = True) -> None:
    """After a change: show who was given what no longer holds. The change stands, even if the form comes too late.

    Args:
        always: whether to open the form although nobody was.
    """
    workspace = asker.origin.workspace
    if not always and not affected.threads(services, workspace, entry):
        return
    try:
        open_modal(services, asker, form_for(services, workspace, entry))
    except SlackApiError as error:
        # The card's own button opens it at any time.
        log.info("the threads were not shown: %s", error.response.get("error"))


def form_for(
    services: Services, workspace: WorkspaceId, entry: EntryId, *, reply: str | None = None, lead: str = ""
) -> View:
    """The form for an entry that changed.

    Args:
        reply: what holds instead, and what they could be told; by default the entry's answer, as it is now.
        lead: a sentence to begin with.
    """
    found = affected.threads(services, workspace, entry, reply)
    if reply is None:
        with services.sessions() as session:
            reply = affected.standing(services, session, workspace, entry)
    channels = _names(services, [one.place.channel for one in found if not one.private])
    return forms.affected_threads_form(entry, [_thread(services, one, channels) for one in found], reply, lead)


def send(services: Services, form: Form) -> FormErrors:
    """One corrected reply to every ticked thread."""
    if not actor(services, form.asker).is_staff:
        raise NotAllowed("Only support staff and admins can send corrections.")
    ticked = form.values.chosen(actions.FIELD_THREADS)
    reply = form.values.long_text(actions.FIELD_REPLY)
    if not ticked:
        return {form.block(actions.FIELD_THREADS): "Tick at least one thread, or close this."}
    if not reply:
        return {form.block(actions.FIELD_REPLY): "Please write what they shall be told."}
    for decision in ticked:
        affected.tell(services, form.workspace, DecisionId(decision), reply)
    tell(services, form.asker.user, notices.corrections_sent(len(ticked))["text"])
    return {}


def _names(services: Services, channels: Sequence[str]) -> dict[str, str]:
    """The names of channels that everyone can read, as far as Slack tells them within a second."""
    known: dict[str, str] = {}
    until = time.monotonic() + 1
    for channel in dict.fromkeys(channels):
        if time.monotonic() > until:
            break
        found = services.identity.remembered_channel(channel)
        if found.name and not found.private:
            known[channel] = f"#{found.name}"
    return known


def _thread(services: Services, found: Affected, channels: Mapping[str, str]) -> forms.AffectedThread:
    """A thread as staff may see it: what was asked in private stays there."""
    days = (services.clock() - found.decision.at).days
    when = "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"
    place = channels.get(found.place.channel)
    if place is not None:
        return forms.AffectedThread(found.decision.id, found.decision.decision.question, place, when)
    place = "a direct message" if found.place.channel.startswith("D") else "another channel"
    return forms.AffectedThread(found.decision.id, "A question asked in private", place, when)
