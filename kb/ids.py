"""Ids are ULIDs (26 characters, ordered by time), typed so that one kind cannot be passed for another."""

from collections.abc import Callable
from typing import NewType

from ulid import ULID

#: A tenant: the Slack team, led by its enterprise where there is one. Opaque to `kb` and `learning`.
WorkspaceId = NewType("WorkspaceId", str)
EntryId = NewType("EntryId", str)

#: Returns a new, unique id each time it is called; injected like the clock.
IdSource = Callable[[], str]


def new_ulid() -> str:
    """A fresh ULID in its 26-character form; the id source that production uses."""
    return str(ULID())
