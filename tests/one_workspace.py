"""Every statement stays in one workspace: what the packages ask or change is looked at as the database gets it.

So no query has to be listed in order to be looked at, and none can be forgotten: who leaves the workspace out of one
fails the first test that runs it.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType

from sqlalchemy import ClauseElement, ColumnElement, Delete, Engine, Select, Table, Update, event
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BinaryExpression

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
    """The tables of a statement of which rows of any workspace could be meant.

    A table is held to a workspace where its column is compared with a value, or with the column of a table that is.
    """
    tables = {one.name for one in visitors.iterate(statement) if isinstance(one, Table) and COLUMN in one.c}
    held: set[str] = set()
    linked: list[tuple[str, str]] = []
    for one in visitors.iterate(statement):
        if isinstance(one, BinaryExpression):
            left, right = _owners(one.left), _owners(one.right)
            if left and right:
                linked += [(a, b) for a in left for b in right]
            else:
                held |= left | right
    while more := {b for pair in linked for a, b in (pair, pair[::-1]) if a in held} - held:
        held |= more
    return tables - held


def _owners(side: ClauseElement) -> set[str]:
    """The tables of which this side of a comparison is, or holds, the workspace."""
    return {
        table.name
        for one in visitors.iterate(side)
        if isinstance(one, ColumnElement) and getattr(one, "name", "") == COLUMN
        for table in _tables(getattr(one, "table", None))
    }


def _tables(source: object) -> Iterator[Table]:
    """The table behind a source, which may be an alias of it."""
    if isinstance(source, ClauseElement):
        yield from (one for one in visitors.iterate(source) if isinstance(one, Table))


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
            known[sql] = astray(statement) if isinstance(statement, Select | Update | Delete) else set()
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
