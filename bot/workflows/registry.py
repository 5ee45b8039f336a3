"""Which function runs under which workflow name; together with `bot.desk.names` the whole list of what is durable."""

from datetime import datetime
from functools import partial

from bot.desk import names
from bot.services import Services
from bot.workflows import (
    alike,
    answer,
    calibration,
    choices,
    commands,
    entries,
    handoffs,
    learning,
    outcomes,
    proposals,
    records,
    relay,
    spot_checks,
    upkeep,
)
from bot.workflows.runtime import Schedule
from bot.workflows.work import Body
from kb.ids import WorkspaceId


def schedules(services: Services) -> tuple[Schedule, ...]:
    """What is due again and again."""

    def daily(due: datetime, workspace: WorkspaceId) -> None:
        upkeep.daily(services, workspace, due.isoformat())

    def seal(due: datetime, workspace: WorkspaceId) -> None:
        records.seal(services, workspace)

    def look(due: datetime, workspace: WorkspaceId) -> None:
        outcomes.look(services, workspace, due.isoformat())

    workspace = str(services.identity.workspace())
    return (
        Schedule(names.DAILY, services.settings.daily_at, daily, workspace),
        Schedule(names.SEAL, services.settings.seal_at, seal, workspace, makes_up=False),
        Schedule(names.OUTCOMES, services.settings.outcomes_at, look, workspace, makes_up=False),
    )


def bodies(services: Services) -> dict[str, Body]:
    """Every workflow with the services it works with."""
    table: dict[str, Body] = {
        names.ASK: commands.ask,
        names.ANSWER: answer.answer,
        names.POST: answer.post_prepared,
        names.TRY_AGAIN: answer.try_again,
        names.HANDED_OVER: handoffs.handed_over,
        names.STAFF_ROOM: handoffs.staff_room,
        names.SHOW_HANDOFF: handoffs.show,
        names.TELL_ASKER: handoffs.tell_asker,
        names.PASS_ON_EARLIER: relay.pass_on_earlier,
        names.FOLLOW_CHANGE: handoffs.changed,
        names.OFFER_RESOLVE: handoffs.offer_resolve,
        names.SHOW_ALIKE: alike.show,
        names.LEARN_FROM_RESOLUTION: learning.from_resolution,
        names.LEARN_FROM_VOTE: learning.from_vote,
        names.LEARN_FROM_CORRECTION: learning.from_correction,
        names.LEARN_FROM_CHOICE: learning.from_choice,
        names.LEARN_FROM_ENTRY: learning.from_entry,
        names.SHOW_PROPOSAL: proposals.show,
        names.APPLY: proposals.apply,
        names.INDEX: upkeep.index,
        names.SHOW_STOP: entries.show_stop,
        names.SHOW_CHOICE: choices.show_choice,
        names.SHOW_DRAFT: choices.show_draft,
        names.SHOW_SPOT_CHECK: spot_checks.show,
        names.SEND_CORRECTION: upkeep.send_correction,
        names.CALIBRATE: calibration.calibrate,
    }
    return {name: partial(body, services) for name, body in table.items()}
