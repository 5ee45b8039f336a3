"""Places: what the bot may say where, to whom, and who reads along."""

from dataclasses import dataclass

from bot import preferences
from bot.desk.asked import Asked, Refusal
from bot.services import Services
from bot.settings import ChannelMode
from kb.ids import WorkspaceId
from learning import people


@dataclass(frozen=True)
class Where:
    """What holds at the place of a question."""

    mode: ChannelMode
    #: Audiences that hold for everyone who can read the reply there.
    readers: frozenset[str]
    #: Audiences that hold for the asker alone, as in a direct message.
    own_readers: frozenset[str]
    #: Why the bot may not answer here; None where it may.
    refusal: Refusal | None


def where(services: Services, workspace: WorkspaceId, asked: Asked) -> Where:
    """Ask Slack about the place and the asker, and keep what it says of the asker."""
    place = asked.conversation.place
    profile = services.identity.profile(asked.user)
    channel = services.identity.channel(place.channel)
    with services.sessions.begin() as session:
        person = people.person_for(session, workspace, asked.user, now=services.clock(), ids=services.ids)
        people.describe(
            session,
            workspace,
            person,
            name=profile.name,
            full_name=profile.full_name,
            time_zone=profile.time_zone,
            guest=profile.guest,
            foreign=profile.foreign,
            now=services.clock(),
        )
        preference = preferences.channel(session, workspace, services.settings, place.channel)
        audiences = services.knowledge.audiences(session, workspace)
    refusal = None
    if not preference.allow_shared:
        if channel.shared:
            refusal = Refusal.SHARED_CHANNEL
        elif profile.guest or profile.foreign:
            refusal = Refusal.OUTSIDER
    readers = services.identity.readers(place.channel, asked.user, audiences)
    own = services.identity.held_by(asked.user, audiences) | readers
    mode = ChannelMode.MENTIONS if channel.direct else preference.mode
    if mode is ChannelMode.DRAFTS:
        if not drafts_are_seen(services, place.channel):
            refusal = refusal or Refusal.UNSEEN_DRAFTS
        else:  # a draft is read in the staff room first
            readers &= services.identity.readers(services.settings.support_channel, asked.user, audiences)
    return Where(mode, readers, own, refusal)


def drafts_are_seen(services: Services, channel: str) -> bool:
    """Whether drafts of answers in a channel have somewhere to go: a staff room whose members read that channel."""
    room = services.settings.support_channel
    return bool(room) and services.identity.all_can_read(room, channel)
