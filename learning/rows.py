"""How `learning` reads and writes where others may be writing too, the same on SQLite and PostgreSQL.

Insert if absent: the first writer's row stands, later ones are told. Compare and set: an update that names what it
expects, so that of two at once exactly one wins.

These run some hundred times for each question, so statements of the same shape are built once and given their values
when they run, and what is read are plain rows: nobody here changes a row by assigning to it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy import Row as PlainRow
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.orm import Session

from kb.database import Base, inserting, rows_of

Row = TypeVar("Row", bound=Base)


def insert_if_absent(session: Session, row: type[Base], values: Mapping[str, Any]) -> bool:
    """Insert a row unless one of its unique keys is taken.

    Returns:
        Whether it was inserted; False means that another row stands, which the caller reads.
    """
    statement = _insert_if_absent(row, session.get_bind().dialect.name)
    # The drivers do not agree on the row count of such an insert; what it returns is certain.
    return session.execute(statement, dict(values)).first() is not None


def add(session: Session, row: type[Base], values: Mapping[str, Any]) -> None:
    """Insert a row whose key is new."""
    session.execute(_insert(row), dict(values))


def add_all(session: Session, row: type[Base], several: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose keys are new; all name the same columns."""
    if several:
        session.execute(_insert(row), [dict(values) for values in several])


def compare_and_set(
    session: Session,
    row: type[Base],
    expected: Mapping[str, Any],
    values: Mapping[str, Any],
    *also: ColumnElement[bool],
) -> bool:
    """Update the one row that is as expected; whether there was one.

    Args:
        expected: what its columns hold, by name, never None.
        values: what they hold then; what is worked out of what they hold is an expression.
        also: conditions that are no equalities.
    """
    statement = _update(row, tuple(expected))
    if also:
        statement = statement.where(*also)
    given = _was(expected)
    for column, value in values.items():
        if isinstance(value, ColumnElement):
            statement = statement.values({column: value})
        else:
            given[column] = value
    return _changed(session, statement, given) == 1


def set_all(
    session: Session, row: type[Base], where: tuple[ColumnElement[bool], ...], values: Mapping[str, Any]
) -> int:
    """Update every row that fits; how many did."""
    return _changed(session, update(cast(Table, row.__table__)).where(*where).values(**values))


def fetch(
    session: Session, row: type[Row], *also: ColumnElement[bool], lock: bool = False, **expected: Any
) -> Row | None:
    """The one row that fits, as the database has it now (never a remembered one), locked if asked for.

    Args:
        also: conditions that are no equalities.
        expected: what its columns hold, never None.
    """
    statement = _select(row, tuple(expected), lock)
    found = _run(session, row, statement.where(*also) if also else statement, _was(expected))
    if len(found) > 1:
        raise MultipleResultsFound("Several rows fit where one was meant.")
    return cast("Row | None", found[0] if found else None)


def fetch_all(session: Session, statement: Select[Row], values: Mapping[str, Any] | None = None) -> Sequence[Row]:
    """All rows of a query, as the database has them now.

    Args:
        values: of the statement's parameters, so that it can be built once.
    """
    return cast("Sequence[Row]", _run(session, statement.column_descriptions[0]["entity"], statement, values))


def values_of(row: Base) -> dict[str, Any]:
    """A row's columns by name."""
    read: Any = row
    if isinstance(read, PlainRow):
        return dict(read._mapping)
    if isinstance(read, SimpleNamespace):
        return dict(vars(read))
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def _changed(session: Session, statement: Any, values: Mapping[str, Any] | None = None) -> int:
    return cast(CursorResult[Any], session.execute(statement, values)).rowcount


def _run(session: Session, row: type[Base], statement: Any, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """What a query for whole rows finds, by the names of their columns."""
    found = rows_of(session, statement, values)
    if _has_names_of_its_own(row):
        return [SimpleNamespace(**one) for one in found.mappings()]
    return found.all()


@cache
def _has_names_of_its_own(row: type[Base]) -> bool:
    """Whether a column is called as something that plain rows have already, such as `count`."""
    return any(hasattr(PlainRow, column.key) for column in row.__table__.columns)


#: What the parameter is called that a column is compared with; one it is set to has the column's name.
_WAS = "was_"


def _was(expected: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{_WAS}{column}": value for column, value in expected.items()}


def _wanted(row: type[Base], columns: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [getattr(row, column) == bindparam(f"{_WAS}{column}") for column in columns]


@cache
def _select(row: type[Base], columns: tuple[str, ...], lock: bool) -> Any:
    statement = select(row).where(*_wanted(row, columns))
    return statement.with_for_update() if lock else statement


@cache
def _update(row: type[Base], columns: tuple[str, ...]) -> Any:
    return update(cast(Table, row.__table__)).where(*_wanted(row, columns))


@cache
def _insert(row: type[Base]) -> Any:
    return insert(cast(Table, row.__table__))


@cache
def _insert_if_absent(row: type[Base], dialect: str) -> Any:
    table = cast(Table, row.__table__)
    return inserting(table, dialect).returning(table.c.workspace)
