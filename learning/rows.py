"""How `learning` reads and writes where others may be writing too, the same on SQLite and PostgreSQL.

Insert if absent: the first writer's row stands, later ones are told. Compare and set: an update that names what it
expects, so that of two at once exactly one wins.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, Select, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from kb.database import Base

Row = TypeVar("Row", bound=Base)


def insert_if_absent(session: Session, row: type[Base], values: Mapping[str, Any]) -> bool:
    """Insert a row unless one of its unique keys is taken.

    Returns:
        Whether it was inserted; False means that another row stands, which the caller reads.
    """
    table = cast(Table, row.__table__)
    if session.get_bind().dialect.name == "postgresql":
        statement: Any = postgresql.insert(table).values(**values).on_conflict_do_nothing()
    else:
        statement = sqlite.insert(table).values(**values).on_conflict_do_nothing()
    # The drivers do not agree on the row count of such an insert; what it returns is certain.
    return session.execute(statement.returning(table.c.workspace)).first() is not None


def add(session: Session, row: type[Base], values: Mapping[str, Any]) -> None:
    """Insert a row whose key is new."""
    session.execute(insert(cast(Table, row.__table__)).values(**values))


def compare_and_set(
    session: Session, row: type[Base], expected: tuple[ColumnElement[bool], ...], values: Mapping[str, Any]
) -> bool:
    """Update the one row that is as expected; whether there was one."""
    return set_all(session, row, expected, values) == 1


def set_all(
    session: Session, row: type[Base], where: tuple[ColumnElement[bool], ...], values: Mapping[str, Any]
) -> int:
    """Update every row that fits; how many did."""
    return _changed(session, update(cast(Table, row.__table__)).where(*where).values(**values))


def fetch(session: Session, row: type[Row], *where: ColumnElement[bool], lock: bool = False) -> Row | None:
    """The one row that fits, as the database has it now (never a remembered one), locked if asked for."""
    statement = select(row).where(*where).execution_options(populate_existing=True)
    return session.scalars(statement.with_for_update() if lock else statement).one_or_none()


def fetch_all(session: Session, statement: Select[Row]) -> Sequence[Row]:
    """All rows of a query, as the database has them now."""
    return session.scalars(statement.execution_options(populate_existing=True)).all()


def _changed(session: Session, statement: Any) -> int:
    return cast(CursorResult[Any], session.execute(statement)).rowcount
