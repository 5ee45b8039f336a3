"""'Why this answer?' on a message, for staff: what the record says, and their word on it."""

from bot.desk import feedback, why
from bot.services import Services
from bot.slack import actions as names
from bot.slack.listeners.conduct import actor, guarded, open_modal, tell
from bot.slack.listeners.forms import Form, FormErrors
from bot.slack.payloads import Asker, Shortcut
from bot.slack.views import notices
from bot.slack.views import records as views
from learning.errors import NotAllowed
from learning.ids import DecisionId
from learning.people import Actor


def why_this(services: Services, pressed: Shortcut) -> None:
    """Show what the bot knew and why it said that."""

    def act() -> None:
        _staff(services, pressed.asker)
        workspace = pressed.asker.origin.workspace
        found = feedback.answer_at(services, workspace, pressed.channel, pressed.message_ts)
        open_modal(services, pressed.asker, views.why_form(why.card(services, workspace, found)))

    guarded(services, pressed.asker, act, channel=pressed.channel, thread=pressed.thread_ts)


def judged(services: Services, form: Form) -> FormErrors:
    """What staff say of the decision they looked at; nothing where they only looked."""
    reason, comment = form.values.text(names.FIELD_REASON), form.values.text(names.FIELD_COMMENT)
    if not reason:
        return {form.block(names.FIELD_REASON): "Please choose what it was."} if comment.strip() else {}
    feedback.judge(services, form.workspace, DecisionId(form.about), _staff(services, form.asker), reason, comment)
    tell(services, form.asker.user, notices.thanks_for_feedback(corrected=False)["text"])
    return {}


def _staff(services: Services, asker: Asker) -> Actor:
    found = actor(services, asker)
    if not found.is_staff:
        raise NotAllowed("Only support staff and admins can see why I answered something.")
    return found
