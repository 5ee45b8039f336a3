"""Every statement stays in one workspace: what the packages ask or change is looked at as the database gets it.

So no query has to be listed in order to be looked at, and none that any test of this process runs can be forgotten. Not
seen are the bots of the end-to-end tests, which are other processes, and statements that are written as text.
"""

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import ClauseElement, Column, Delete, Engine, Select, Table, Update, event
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, Grouping
from sqlalchemy.sql.selectable import Alias, AliasedReturnsRows, FromClause, Join

#: The column of every table that says whose a row is.
COLUMN = "workspace"
#: What asks about all workspaces, because that is what it is for.
EVERYWHERE = {
    "bot.database._move_keys": "every key moves to the place that was set for keys",
    "kb.changes.workspaces": "names the workspaces",
    "kb.collections.behind": "the owner of the index carries what every workspace changed",
    "kb.collections.served_before": "one model embeds for all",
    "learning.recorder.store.workspaces": "names the workspaces",
}
ROOT = Path(__file__).parent.parent
_PACKAGES = ("bot", "kb", "learning", "tests")


def astray(statement: ClauseElement) -> set[str]:
    """The tables of a statement of which rows of any workspace could be meant; of every select within it, too.

    A table, or an alias of one, is held to a workspace where it must equal a value, or the column of another that is.
    """
    return set(_found(statement, frozenset()))


def _found(part: ClauseElement, around: frozenset[FromClause]) -> Iterator[str]:
    """The open tables of a part of a statement and of all parts of it.

    Args:
        around: the sources of what it stands in, to which it may refer.
    """
    if isinstance(part, Select | Update | Delete):
        sources, conditions = _sources(part)
        # As SQLAlchemy correlates: what stands around is meant, unless nothing else is left to select from.
        own = {source: name for source, name in sources.items() if len(sources) == 1 or source not in around}
        held = _held(own.keys(), conditions)
        yield from (name for source, name in own.items() if source not in held)
        around |= sources.keys()
    elif isinstance(part, AliasedReturnsRows):
        around = frozenset()  # what is selected from refers to nothing beside it
    for each in part.get_children():
        yield from _found(each, around)


def _sources(part: "Select[tuple[object]] | Update | Delete") -> tuple[dict[FromClause, str], list[ClauseElement]]:
    """The tables that a statement reads from or changes, by what stands for them in it, and all that must hold."""
    sources: dict[FromClause, str] = {}
    conditions: list[ClauseElement] = []
    for source in part.get_final_froms() if isinstance(part, Select) else [part.table]:
        _take_apart(source, sources, conditions)
    if part.whereclause is not None:
        conditions.append(part.whereclause)
    return sources, conditions


def _held(sources: Collection[FromClause], conditions: list[ClauseElement]) -> set[FromClause]:
    """The sources whose workspace must equal a value, or the workspace of a source that is held."""
    held: set[FromClause] = set()
    linked: list[tuple[FromClause, FromClause]] = []
    for one in _all_of(conditions):
        if isinstance(one, BinaryExpression) and one.operator in (operators.eq, operators.in_op):
            left, right = ({each for each in _owners(side) if each in sources} for side in (one.left, one.right))
            if left and right:
                linked += [(a, b) for a in left for b in right]
            else:
                held |= left | right
    while more := {b for pair in linked for a, b in (pair, pair[::-1]) if a in held} - held:
        held |= more
    return held


def _take_apart(source: FromClause, sources: dict[FromClause, str], conditions: list[ClauseElement]) -> None:
    """Find the tables that are joined, and on what."""
    if isinstance(source, Join):
        _take_apart(source.left, sources, conditions)
        _take_apart(source.right, sources, conditions)
        if source.onclause is not None:
            conditions.append(source.onclause)
    elif COLUMN in source.c and isinstance(table := source.element if isinstance(source, Alias) else source, Table):
        sources[source] = table.name


def _all_of(conditions: Iterable[Any]) -> Iterator[ClauseElement]:
    """What must hold: the parts of conditions that are joined by 'and'."""
    for one in conditions:
        if isinstance(one, BooleanClauseList) and one.operator is operators.and_:
            yield from _all_of(one.clauses)
        elif isinstance(one, Grouping):
            yield from _all_of([one.element])
        else:
            yield one


def _owners(side: ClauseElement) -> set[FromClause]:
    """The sources of which this side of a comparison is the workspace, or holds it as one of a tuple."""
    parts = [side] if isinstance(side, Column) else list(side.get_children())
    return {one.table for one in parts if isinstance(one, Column) and one.name == COLUMN}


@contextmanager
def watched() -> Iterator[list[str]]:
    """While this lasts, a statement of the packages that could mean several workspaces raises `AssertionError`.

    Yields what was found, because the code that asked may have an answer to any error.
    """
    found: list[str] = []
    known: dict[str, set[str]] = {}

    def look(
        _connection: object, _cursor: object, sql: str, _values: object, context: ExecutionContext, *_: object
    ) -> None:
        if sql not in known:
            statement = getattr(context.compiled, "statement", None)
            known[sql] = astray(statement) if isinstance(statement, ClauseElement) else set()
        if not known[sql] or (asker := _asker()).startswith("tests.") or asker in EVERYWHERE:
            return
        found.append(f"{asker} leaves the workspace of {', '.join(sorted(known[sql]))} open")
        raise AssertionError(found[-1])

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", look)


def _asker() -> str:
    """Module and name of the function in this repository that is nearest to the call."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and (frame.f_globals is globals() or not _module(frame.f_code.co_filename)):
        frame = frame.f_back
    return f"{_module(frame.f_code.co_filename)}.{frame.f_code.co_name}" if frame else ""


@cache
def _module(file: str) -> str:
    """The name of the module in this file; empty where it is not one of ours."""
    parts = Path(file).relative_to(ROOT).with_suffix("").parts if file.startswith(f"{ROOT}{os.sep}") else ()
    return ".".join(parts) if parts and parts[0] in _PACKAGES else ""
