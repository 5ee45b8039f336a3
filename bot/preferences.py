"""Preferences: what a workspace's admins set in Slack, below what the operator pins in the environment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.settings import ChannelMode, Settings
from bot.tables import ChannelRow, PreferenceRow
from kb.ids import WorkspaceId

#: The settings that admins may change where the operator left them open, and how a stored value is read.
CHANGEABLE: dict[str, Callable[[Any], Any]] = {
    "four_eyes": bool,
    "max_wrong": float,
    "channel_mode": ChannelMode,
    "support_hours": str,
    "support_time_zone": str,
}


@dataclass(frozen=True)
class ChannelPreference:
    """What holds in one channel."""

    mode: ChannelMode
    #: The bot may answer here although people of other organisations or guests take part.
    allow_shared: bool


def pinned(settings: Settings) -> frozenset[str]:
    """The changeable settings that the operator has set, so that nobody in Slack can change them."""
    return frozenset(CHANGEABLE) & settings.model_fields_set


def effective(session: Session, workspace: WorkspaceId, settings: Settings, name: str) -> Any:
    """The value of `name` in this workspace: the operator's, else the admins', else the default.

    Raises:
        KeyError: `name` is not a setting that admins may change.
    """
    read = CHANGEABLE[name]
    if name in settings.model_fields_set:
        return getattr(settings, name)
    row = session.get(PreferenceRow, (workspace, name))
    return getattr(settings, name) if row is None else read(row.value)


def change(session: Session, workspace: WorkspaceId, name: str, value: Any, *, by: str, now: datetime) -> None:
    """Keep an admin's choice.

    Raises:
        KeyError: `name` is not a setting that admins may change.
    """
    CHANGEABLE[name](value)
    session.merge(PreferenceRow(workspace=workspace, name=name, value=value, changed_by=by, changed_at=now))


def channel(session: Session, workspace: WorkspaceId, settings: Settings, channel_id: str) -> ChannelPreference:
    """What holds in this channel."""
    row = session.get(ChannelRow, (workspace, channel_id))
    if row is None:
        return ChannelPreference(effective(session, workspace, settings, "channel_mode"), allow_shared=False)
    mode = row.mode or effective(session, workspace, settings, "channel_mode")
    return ChannelPreference(ChannelMode(mode), row.allow_shared)


def set_channel(
    session: Session,
    workspace: WorkspaceId,
    channel_id: str,
    mode: ChannelMode | None,
    *,
    allow_shared: bool,
    by: str,
    now: datetime,
) -> None:
    """Keep what an admin chose for a channel; a mode of None follows the workspace."""
    session.merge(
        ChannelRow(
            workspace=workspace,
            channel=channel_id,
            mode=mode,
            allow_shared=allow_shared,
            changed_by=by,
            changed_at=now,
        )
    )
