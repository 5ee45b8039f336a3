"""Actors: a Slack user as the learning library knows people, with the roles Slack gives them at this moment."""

from sqlalchemy.orm import Session

from bot.services import Services
from kb.ids import WorkspaceId
from learning import people
from learning.ids import PersonId
from learning.people import Actor


def actor(services: Services, workspace: WorkspaceId, user: str) -> Actor:
    """Who acts, with what they may do. Asks Slack, so it is called outside transactions."""
    roles = services.identity.roles(user)
    with services.sessions.begin() as session:
        person = people.person_for(session, workspace, user, now=services.clock(), ids=services.ids)
    return Actor(person, roles)


def shown(session: Session, workspace: WorkspaceId, person: PersonId | None) -> str:
    """A person as a card shows them: their Slack id (a mention), or a word where they are no longer known."""
    if person is None:
        return ""
    return people.one(session, workspace, person).external or "somebody"


def name(session: Session, workspace: WorkspaceId, person: PersonId) -> str:
    """A person's display name."""
    return people.one(session, workspace, person).name or "A colleague"
