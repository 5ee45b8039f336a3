"""Dry by construction: what a replay is given has no means to post, to run a tool or to write.

There is no switch that could be forgotten: the things are not there, and who reaches for one is told so by name.
"""

from typing import NoReturn

from learning.errors import LearningError


class ReplayIsDry(LearningError, AttributeError):
    """Something in a replay reached for what has an effect on the world; there is no such thing in a replay."""


class Dry:
    """Has what it was built with and nothing else; whatever else is asked of it is refused by name."""

    def __getattr__(self, name: str) -> NoReturn:
        """Called only for what is not there."""
        raise ReplayIsDry(f"A replay has no '{name}': it posts nothing, runs no tool and writes nothing.")
