"""The slash command: `/kb ask | add | help`."""

from bot.desk import commands
from bot.services import Services
from bot.slack.listeners.conduct import actor, guarded, open_modal
from bot.slack.payloads import Command
from bot.slack.views import forms, notices
from bot.slack.views.kit import Message
from learning.errors import NotAllowed


def command(services: Services, typed: Command) -> Message | None:
    """What to answer at once; None where a form opens or the answer follows."""
    if typed.verb in ("", "help"):
        return notices.command_help(staff=actor(services, typed.asker).is_staff)
    if typed.verb == "ask":
        return commands.ask(services, typed)
    if typed.verb == "add":
        _add(services, typed)
        return None
    return notices.unknown_command(typed.verb)


def _add(services: Services, typed: Command) -> None:
    def act() -> None:
        if not actor(services, typed.asker).is_staff:
            raise NotAllowed("Only support staff and admins can add answers.")
        open_modal(services, typed.asker, forms.add_entry_form(typed.channel, typed.rest))

    guarded(services, typed.asker, act, channel=typed.channel, thread=None)
