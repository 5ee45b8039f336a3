"""The world that the local workspace starts with: a fictional company, its people, its channels and its app.

Everything here is a value; what changes while the workspace runs is in `state`.
"""

from dataclasses import dataclass
from typing import Final

BOT_TOKEN: Final = "xoxb-sandbox-bot"
APP_TOKEN: Final = "xapp-sandbox-app"
SIGNING_SECRET: Final = "sandbox-signing-secret"
#: The old verification token; payloads still carry it.
VERIFICATION_TOKEN: Final = "sandbox-verification-token"
APP_ID: Final = "A0ANSWERLOOP"
BOT_ID: Final = "B0BOT"
BOT_USER: Final = "U0BOT"
BOT_NAME: Final = "answerloop"


@dataclass(frozen=True)
class Team:
    """One organisation."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True)
class Person:
    """Somebody with a Slack client."""

    id: str
    #: Handle, typed after an @.
    name: str
    real_name: str
    #: IANA name of the time zone.
    tz: str
    team_id: str
    is_admin: bool = False
    #: A guest who sees only some channels.
    is_restricted: bool = False
    is_bot: bool = False

    @property
    def token(self) -> str:
        """What this person's client shows to the workspace."""
        return f"xoxc-sandbox-{self.name}"

    @property
    def email(self) -> str:
        """The e-mail address in the profile."""
        return f"{self.name}@{'partner' if self.team_id != TEAM.id else 'lumen'}.example"


@dataclass(frozen=True)
class ChannelSeed:
    """A channel as the world starts with it."""

    id: str
    name: str
    #: Ids of the people and the bot in it.
    members: tuple[str, ...]
    is_private: bool = False
    #: Another organisation is in it.
    is_ext_shared: bool = False


@dataclass(frozen=True)
class GroupSeed:
    """A user group as the world starts with it."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]


TEAM: Final = Team("T0ANSWER", "Lumen & Co", "lumen")
PARTNER: Final = Team("T0OTHER", "Partner Ltd", "partner")

PEOPLE: Final = (
    Person("U0UMA", "uma", "Uma Sommer", "Europe/Berlin", TEAM.id),
    Person("U0SAM", "sam", "Sam Okafor", "Europe/London", TEAM.id),
    Person("U0ADA", "ada", "Ada Lindqvist", "Europe/Stockholm", TEAM.id, is_admin=True),
    Person("U0ANN", "ann", "Ann Moreau", "Europe/Paris", TEAM.id, is_admin=True),
    Person("U0GUS", "gus", "Gus Ferreira", "America/Sao_Paulo", TEAM.id, is_restricted=True),
    Person("U0EVE", "eve", "Eve Novak", "America/New_York", PARTNER.id),
)
BOT: Final = Person(BOT_USER, BOT_NAME, "Answerloop", "UTC", TEAM.id, is_bot=True)

CHANNELS: Final = (
    ChannelSeed("C0HELP", "help", ("U0UMA", "U0SAM", "U0ADA", "U0ANN", "U0GUS", BOT_USER)),
    ChannelSeed("C0SUPPORT", "support", ("U0SAM", "U0ADA", BOT_USER), is_private=True),
    ChannelSeed("C0REVIEW", "kb-review", ("U0ADA", "U0ANN", BOT_USER), is_private=True),
    ChannelSeed("C0FINANCE", "finance", ("U0UMA", "U0ANN", BOT_USER), is_private=True),
    ChannelSeed("C0SHARED", "partners", ("U0UMA", "U0SAM", "U0EVE", BOT_USER), is_ext_shared=True),
    ChannelSeed("C0RANDOM", "random", ("U0UMA", "U0SAM", "U0ADA", "U0ANN")),
)
GROUPS: Final = (
    GroupSeed("S0SUPPORT", "support-team", "Support", ("U0SAM", "U0ADA")),
    GroupSeed("S0ADMINS", "kb-admins", "Knowledge base admins", ("U0ADA", "U0ANN")),
)

#: What the app was granted when it was installed, unless an installation says otherwise.
BOT_SCOPES: Final = frozenset(
    {
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "reactions:read",
        "reactions:write",
        "usergroups:read",
        "users:read",
    }
)
APP_SCOPES: Final = frozenset({"connections:write"})
#: The events the app subscribed to, unless an installation says otherwise.
BOT_EVENTS: Final = frozenset(
    {
        "app_context_changed",
        "app_home_opened",
        "app_mention",
        "message.channels",
        "message.groups",
        "message.im",
        "reaction_added",
        "reaction_removed",
    }
)
