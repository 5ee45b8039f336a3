"""Workspace settings: what admins may change for all channels, below what the operator has fixed."""

from typing import Any

from bot import preferences
from bot.desk import hours
from bot.errors import Misconfigured
from bot.services import Services
from bot.settings import ChannelMode
from bot.slack import actions as names
from bot.slack.listeners.conduct import actor, guarded, open_modal
from bot.slack.listeners.forms import Form, FormErrors
from bot.slack.payloads import ButtonClick
from bot.slack.views import forms
from learning.errors import NotAllowed

_ADMINS_ONLY = "Only an admin can change the workspace's settings."


def open_form(services: Services, click: ButtonClick) -> None:
    """Open the form with what holds now."""

    def act() -> None:
        if not actor(services, click.asker).is_admin:
            raise NotAllowed(_ADMINS_ONLY)
        workspace = click.asker.origin.workspace
        with services.sessions() as session:
            now: dict[str, Any] = {
                name: preferences.effective(session, workspace, services.settings, name)
                for name in preferences.CHANGEABLE
            }
        shown = forms.WorkspaceSettings(
            mode=now["channel_mode"],
            hours=now["support_hours"],
            zone=now["support_time_zone"],
            four_eyes=now["four_eyes"],
            pinned=preferences.pinned(services.settings),
        )
        open_modal(services, click.asker, forms.workspace_settings_form(shown))

    guarded(services, click.asker, act, channel="", thread=None)


def changed(services: Services, form: Form) -> FormErrors:
    """Keep what an admin chose; what cannot work is said beside its field."""
    who = actor(services, form.asker)
    if not who.is_admin:
        raise NotAllowed(_ADMINS_ONLY)
    chosen = _chosen(form)
    if errors := _problems(services, chosen):
        return errors
    with services.sessions.begin() as session:
        for name, value in chosen.items():
            if name not in preferences.pinned(services.settings):
                preferences.change(session, form.workspace, name, value, by=who.person, now=services.clock())
    return {}


def _chosen(form: Form) -> dict[str, Any]:
    fields = {
        "channel_mode": names.FIELD_MODE,
        "support_hours": names.FIELD_HOURS,
        "support_time_zone": names.FIELD_ZONE,
    }
    chosen: dict[str, Any] = {
        name: form.values.text(field) for name, field in fields.items() if form.values.holds(field)
    }
    if form.values.holds(names.FIELD_FOUR_EYES):
        chosen["four_eyes"] = form.values.ticked(names.FIELD_FOUR_EYES)
    return chosen


def _problems(services: Services, chosen: dict[str, Any]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if "channel_mode" in chosen and chosen["channel_mode"] not in set(ChannelMode):
        problems[names.FIELD_MODE] = "Please choose one."
    if chosen.get("four_eyes") and len(services.identity.admins()) < 2:
        problems[names.FIELD_FOUR_EYES] = "Four eyes need at least two admins."
    for name, field in (("support_hours", names.FIELD_HOURS), ("support_time_zone", names.FIELD_ZONE)):
        if name in chosen:
            try:
                hours.parse(
                    chosen[name] if name == "support_hours" else services.settings.support_hours,
                    chosen[name] if name == "support_time_zone" else "UTC",
                )
            except Misconfigured as error:
                advice = str(error).partition("; ")[2] or str(error)
                problems[field] = advice[:1].upper() + advice[1:]
    return problems
