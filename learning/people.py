"""People by opaque id. Which outside user that is stands in `people` alone and goes when the person is erased.

What a person may do is not stored: the caller looks the roles up at the moment of the click and gives an `Actor`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from kb.database import rows_of
from kb.ids import IdSource, WorkspaceId
from learning.encryption import Vault
from learning.errors import Unknown
from learning.ids import PersonId
from learning.rows import compare_and_set, fetch, insert_if_absent
from learning.tables import PersonRow

#: What stands between names, and between people, in a roll: separators of ASCII that stand in nobody's name.
_BETWEEN_NAMES, _BETWEEN_PEOPLE = "\x1f", "\x1e"


class Role(StrEnum):
    """What a person may do here."""

    USER = "user"
    #: May take over conversations and take an entry out of use.
    STAFF = "staff"
    #: May also decide on proposals.
    ADMIN = "admin"


@dataclass(frozen=True)
class Actor:
    """A person together with the roles that were looked up for this very act."""

    person: PersonId
    roles: frozenset[Role] = frozenset({Role.USER})

    @property
    def is_staff(self) -> bool:
        """Whether they may do what staff may; admins may."""
        return Role.STAFF in self.roles or self.is_admin

    @property
    def is_admin(self) -> bool:
        """Whether they may decide on proposals."""
        return Role.ADMIN in self.roles


@dataclass(frozen=True)
class Person:
    """What is known of a person."""

    workspace: WorkspaceId
    id: PersonId
    #: The outside user id; None once erased.
    external: str | None
    #: Display name, empty while unknown.
    name: str
    #: Name in full, empty while unknown.
    full_name: str
    #: IANA name such as `Europe/Berlin`.
    time_zone: str
    #: A guest of the workspace.
    guest: bool
    #: Belongs to another organisation.
    foreign: bool


def person_for(session: Session, workspace: WorkspaceId, external: str, *, now: datetime, ids: IdSource) -> PersonId:
    """The opaque id of an outside user; made at the first sight of them, the same ever after."""
    known = find(session, workspace, external)
    if known is not None:
        return known
    row = {
        "workspace": workspace,
        "id": ids(),
        "external": external,
        "created_at": now,
        "updated_at": now,
    }
    insert_if_absent(session, PersonRow, row)
    made = find(session, workspace, external)
    if made is None:
        raise Unknown("The person was erased at the same moment; try again.")
    return made


def find(session: Session, workspace: WorkspaceId, external: str) -> PersonId | None:
    """The opaque id of an outside user, if they were seen before."""
    row = fetch(session, PersonRow, workspace=workspace, external=external)
    return None if row is None else PersonId(row.id)


def one(session: Session, workspace: WorkspaceId, person: PersonId) -> Person:
    """What is known of a person.

    Raises:
        Unknown: there is no such person.
    """
    row = fetch(session, PersonRow, **_key(workspace, person))
    if row is None:
        raise Unknown("There is no such person in this workspace.")
    return Person(
        workspace=workspace,
        id=person,
        external=row.external,
        name=row.name,
        full_name=row.full_name or "",
        time_zone=row.time_zone,
        guest=row.guest,
        foreign=row.foreign,
    )


def roll(session: Session, workspace: WorkspaceId) -> str:
    """Everybody who has an outside id, with their names, in one text: the same for as long as nobody's changes.

    It is made by the database, because it is asked for at every record, and there may be thousands of people.
    """
    found: str | None = rows_of(session, _roll(), {"workspace": workspace}).scalar()
    return found or ""


def named(rolled: str) -> tuple[tuple[str, str], ...]:
    """The outside id and a name of everybody in a roll who has one; who has two is there twice."""
    lines = (line.split(_BETWEEN_NAMES) for line in rolled.split(_BETWEEN_PEOPLE))
    return tuple((external, name) for external, *names in lines for name in dict.fromkeys(names) if name)


@cache
def _roll() -> Select[str]:
    person = (
        select(
            (
                PersonRow.external
                + _BETWEEN_NAMES
                + func.coalesce(PersonRow.full_name, "")
                + _BETWEEN_NAMES
                + PersonRow.name
            ).label("line")
        )
        .where(PersonRow.workspace == bindparam("workspace"), PersonRow.external.is_not(None))
        .order_by(PersonRow.id)
        .subquery()
    )
    return select(func.aggregate_strings(person.c.line, _BETWEEN_PEOPLE))


def external_of(session: Session, workspace: WorkspaceId, person: PersonId) -> str:
    """The outside user id of a person.

    Raises:
        Unknown: there is no such person, or they were erased.
    """
    external = one(session, workspace, person).external
    if external is None:
        raise Unknown("The person was erased; who it was is no longer known.")
    return external


def describe(
    session: Session,
    workspace: WorkspaceId,
    person: PersonId,
    *,
    name: str,
    full_name: str = "",
    time_zone: str,
    guest: bool,
    foreign: bool,
    now: datetime,
) -> Person:
    """Keep what was looked up about a person; an erased one stays erased.

    Raises:
        Unknown: there is no such person.
    """
    compare_and_set(
        session,
        PersonRow,
        _key(workspace, person),
        {
            "name": name,
            "full_name": full_name,
            "time_zone": time_zone,
            "guest": guest,
            "foreign": foreign,
            "updated_at": now,
        },
        PersonRow.external.is_not(None),
    )
    return one(session, workspace, person)


def erase(session: Session, workspace: WorkspaceId, person: PersonId, *, vault: Vault, now: datetime) -> None:
    """Forget who a person is and make their words unreadable; what they did stays, without a name.

    `learning.erasure` is the whole of it: what is left of their words goes too.

    Raises:
        Unknown: there is no such person.
    """
    one(session, workspace, person)
    compare_and_set(
        session,
        PersonRow,
        _key(workspace, person),
        {"external": None, "name": "", "full_name": None, "time_zone": "UTC", "erased_at": now, "updated_at": now},
    )
    vault.forget(session, workspace, person)


def _key(workspace: WorkspaceId, person: PersonId) -> dict[str, Any]:
    return {"workspace": workspace, "id": person}
