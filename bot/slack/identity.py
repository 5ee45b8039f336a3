"""Identity: who somebody is in Slack at this moment, and who can read a place.

Roles are asked of Slack when a button is pressed, not remembered from when it was shown. Where Slack does not say,
the answer is the careful one: an unknown person has no role, an unknown channel counts as shared.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.errors import Misconfigured, NotReachable
from bot.settings import Settings
from bot.slack.errors import code, may_pass
from bot.slack.payloads import workspace_id
from kb.ids import WorkspaceId
from learning.people import Role

log = logging.getLogger(__name__)

#: How long memberships used for *reading* are remembered; authority is always asked anew.
READERS_SECONDS = 20.0
CHANNEL_SECONDS = 300.0


@dataclass(frozen=True)
class Profile:
    """What Slack says of a person."""

    id: str
    #: What colleagues call them.
    name: str
    #: Name in full; empty where Slack does not say.
    full_name: str
    #: IANA name; UTC where Slack does not say.
    time_zone: str
    #: A guest of this workspace.
    guest: bool
    #: Of another organisation, or not known to Slack.
    foreign: bool


@dataclass(frozen=True)
class Channel:
    """What Slack says of a place."""

    id: str
    name: str
    private: bool
    direct: bool
    #: Other organisations can read it, or Slack does not say.
    shared: bool


def check(client: WebClient) -> None:
    """Ask Slack who the bot is, before anything else is started.

    Raises:
        Misconfigured: Slack does not accept the token.
        NotReachable: Slack cannot be reached.
    """
    try:
        client.auth_test()
    except SlackApiError as error:
        raise Misconfigured(f"Slack does not accept ANSWERLOOP_SLACK_BOT_TOKEN: {code(error)}.") from None
    except OSError as error:
        raise NotReachable(
            f"Slack cannot be reached at {client.base_url} ({getattr(error, 'reason', error)})."
        ) from None


class Identity:
    """Asks Slack who people are, what they may do, and who reads where."""

    def __init__(self, client: WebClient, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._settings = settings
        self._monotonic = monotonic
        self._members: dict[str, tuple[float, frozenset[str]]] = {}
        self._channels: dict[str, tuple[float, Channel]] = {}
        self._lock = Lock()
        self._who: tuple[str, str, WorkspaceId] | None = None

    def roles(self, user: str) -> frozenset[Role]:
        """What `user` may do, asked now. Admins are staff too."""
        if self._in(user, self._settings.admins):
            return frozenset({Role.USER, Role.STAFF, Role.ADMIN})
        if self._in(user, self._settings.staff):
            return frozenset({Role.USER, Role.STAFF})
        return frozenset({Role.USER})

    def admins(self) -> frozenset[str]:
        """The user ids of all admins."""
        return self._named(self._settings.admins)

    def staff(self) -> frozenset[str]:
        """The user ids of all staff, admins among them."""
        return self._named(self._settings.staff) | self.admins()

    def profile(self, user: str) -> Profile:
        """What Slack says of `user`; a careful guess where it says nothing."""
        try:
            found: dict[str, Any] = self._client.users_info(user=user)["user"]
        except SlackApiError as error:
            _raise_if_passing(error)
            log.info("unknown person: %s", code(error))
            return Profile(user, "somebody", "", "UTC", guest=False, foreign=True)
        profile = found.get("profile") or {}
        guest = bool(found.get("is_restricted") or found.get("is_ultra_restricted"))
        foreign = bool(found.get("is_stranger") or found.get("team_id") != self._team())
        full_name = str(profile.get("real_name") or found.get("real_name") or "")
        name = profile.get("display_name") or full_name or found.get("name") or "somebody"
        return Profile(user, str(name), full_name, str(found.get("tz") or "UTC"), guest, foreign)

    def channel(self, channel: str) -> Channel:
        """What Slack says of a place; where it says nothing it counts as private and shared."""
        try:
            found: dict[str, Any] = self._client.conversations_info(channel=channel)["channel"]
        except SlackApiError as error:
            _raise_if_passing(error)
            log.info("unknown channel: %s", code(error))
            return Channel(channel, "", private=True, direct=channel.startswith("D"), shared=True)
        return Channel(
            id=channel,
            name=str(found.get("name") or ""),
            private=bool(found.get("is_private") or found.get("is_im") or found.get("is_mpim")),
            direct=bool(found.get("is_im")),
            shared=bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared") or found.get("is_org_shared")),
        )

    def remembered_channel(self, channel: str) -> Channel:
        """As `channel`, remembered for a while: whether a channel is private hardly ever changes."""
        now = self._monotonic()
        with self._lock:
            known = self._channels.get(channel)
        if known is not None and now - known[0] < CHANNEL_SECONDS:
            return known[1]
        found = self.channel(channel)
        with self._lock:
            self._channels[channel] = (now, found)
        return found

    def all_can_read(self, people_of: str, channel: str) -> bool:
        """Whether every member of the channel `people_of` sees messages in `channel`; no where Slack does not say."""
        place = self.channel(channel)
        if place.direct:
            return False
        if not place.private:
            return True
        asked = self._channel_members(people_of)
        return bool(asked) and asked <= self._channel_members(channel)

    def readers(self, channel: str, asker: str, audiences: frozenset[str]) -> frozenset[str]:
        """Which of `audiences` hold for everyone who can read an answer in `channel`.

        Args:
            channel: where the answer would stand; a direct message is read by `asker` alone.
            audiences: references as entries carry them, `channel:C1` or `group:S1`.
        """
        place = self.channel(channel)
        if place.direct:
            return self.held_by(asker, audiences)
        held = {ref for ref in audiences if ref == f"channel:{channel}"}
        # Anybody may walk into an open channel; where Slack does not say who is there, it may be anybody too.
        everyone = self._cached(channel) - {self.bot_user()} if place.private else frozenset()
        if everyone:
            held |= {ref for ref in audiences if everyone <= self._cached(ref.partition(":")[2])}
        return frozenset(held)

    def held_by(self, user: str, audiences: frozenset[str]) -> frozenset[str]:
        """Which of `audiences` one person belongs to."""
        return frozenset(ref for ref in audiences if user in self._cached(ref.partition(":")[2]))

    def _in(self, user: str, named: frozenset[str]) -> bool:
        return user in named or user in self._named(named)

    def _named(self, named: frozenset[str]) -> frozenset[str]:
        people: set[str] = set()
        for ref in named:
            people |= {ref} if ref.startswith(("U", "W")) else self._members_of(ref)
        return frozenset(people - {self.bot_user()})

    def _cached(self, ref: str) -> frozenset[str]:
        now = self._monotonic()
        with self._lock:
            known = self._members.get(ref)
        if known is not None and now - known[0] < READERS_SECONDS:
            return known[1]
        members = self._members_of(ref)
        with self._lock:
            self._members[ref] = (now, members)
        return members

    def _members_of(self, ref: str) -> frozenset[str]:
        return self._group_members(ref) if ref.startswith("S") else self._channel_members(ref)

    def _channel_members(self, channel: str) -> frozenset[str]:
        members: list[str] = []
        try:
            for page in self._client.conversations_members(channel=channel, limit=200):
                members += page.get("members") or []
        except SlackApiError as error:
            _raise_if_passing(error)
            log.warning("members of a channel are not known: %s", code(error))
            return frozenset()
        return frozenset(members)

    def _group_members(self, group: str) -> frozenset[str]:
        try:
            found = self._client.usergroups_users_list(usergroup=group)
        except SlackApiError as error:
            _raise_if_passing(error)
            log.warning("members of a user group are not known: %s", code(error))
            return frozenset()
        return frozenset(found.get("users") or [])

    def workspace(self) -> WorkspaceId:
        """The id of the workspace that the token belongs to."""
        return self._auth()[2]

    def _auth(self) -> tuple[str, str, WorkspaceId]:
        with self._lock:
            known = self._who
        if known is None:
            answer = self._client.auth_test()
            team = str(answer["team_id"])
            known = (str(answer["user_id"]), team, workspace_id(team, str(answer.get("enterprise_id") or "")))
            with self._lock:
                self._who = known
        return known

    def bot_user(self) -> str:
        """The bot's own user id."""
        return self._auth()[0]

    def _team(self) -> str:
        return self._auth()[1]


def _raise_if_passing(error: SlackApiError) -> None:
    """What Slack cannot say at this moment is asked again; it is no reason to take a colleague for a stranger."""
    if may_pass(error):
        raise error
