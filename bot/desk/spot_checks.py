"""Spot checks: which answers staff are asked to judge, in which room, and what they say.

Staff are shown no more than the room may read: an answer that is meant for fewer people is never drawn, and words from
where not everyone can read go, redacted as they are in the record, to the review channel, as proposals do.
"""

from bot.desk import names
from bot.services import Services
from kb.ids import WorkspaceId
from learning import conversations, spot_checks
from learning.ids import SpotCheckId
from learning.people import Actor
from learning.recorder import RecordedDecision
from learning.spot_checks import SpotCheck, Verdict


def draw(services: Services, workspace: WorkspaceId, found: RecordedDecision) -> None:
    """Have staff judge an answer that was just given, if it is drawn."""
    share = services.settings.spot_check_share
    if not share:
        return
    with services.sessions() as session:
        wanted = spot_checks.wanted(share, spot_checks.judged(session, workspace))
        chance = spot_checks.chance_if_drawn(session, workspace, found, share=wanted)
    room = _room(services, workspace, found) if chance is not None else ""
    if chance is None or not room:
        return
    with services.sessions.begin() as session:
        check = spot_checks.open_check(session, workspace, found.id, chance, now=services.clock(), ids=services.ids)
        if check is not None:
            workflow_id = f"{workspace}:spot_check:{check.id}:ask"
            services.work.enqueue(session, names.SHOW_SPOT_CHECK, workflow_id, workspace, check.id, room, lane=check.id)


def judge(
    services: Services, workspace: WorkspaceId, check: SpotCheckId, actor: Actor, verdict: Verdict, *, channel: str
) -> SpotCheck:
    """Keep what staff say of an answer; the card shrinks to one line.

    Args:
        channel: where the card stands.

    Raises:
        NotAllowed: only staff may.
        AlreadyDecided: somebody else was first.
    """
    with services.sessions.begin() as session:
        judged = spot_checks.judge(session, workspace, check, actor, verdict, now=services.clock())
        workflow_id = f"{workspace}:spot_check:{check}:judged"
        services.work.enqueue(session, names.SHOW_SPOT_CHECK, workflow_id, workspace, check, channel, lane=check)
    return judged


def _room(services: Services, workspace: WorkspaceId, found: RecordedDecision) -> str:
    """The channel in which an answer may be shown to be judged; empty for none."""
    conversation = found.decision.conversation
    if conversation is None:
        return ""
    with services.sessions() as session:
        place = conversations.one(session, workspace, conversation)
        used = [services.knowledge.get(session, workspace, one.entry, one.version) for one in found.used]
    room = services.settings.support_channel
    if place.private and not (room and services.identity.all_can_read(room, place.place.channel)):
        room = services.settings.review_channel
    audiences = frozenset(ref for entry in used for ref in entry.content.audience.refs)
    if not room or not audiences:
        return room
    readers = services.identity.readers(room, services.identity.bot_user(), audiences)
    return room if all(entry.content.audience.admits(readers) for entry in used) else ""
