"""What can go wrong in the learning library; each message is a sentence that can be shown to a person."""

from learning.ids import PersonId


class LearningError(Exception):
    """Root of every error that `learning` raises on purpose."""


class Unknown(LearningError):
    """There is no such thing in this workspace; it may have been removed."""


class NotAllowed(LearningError):
    """The person may not do this; the message says who may."""


class Stale(LearningError):
    """What was shown has changed since; look at it again and decide anew."""


class DecidedByOther(LearningError):
    """A change came too late: the thing had already moved on, and `by` and `state` say how.

    Args:
        message: one sentence for a person, without names: the caller knows how to render `by`.
        by: the person who moved it on, where that is known.
        state: the state it is in now.
    """

    def __init__(self, message: str, *, by: PersonId | None = None, state: str | None = None) -> None:
        super().__init__(message)
        self.by = by
        self.state = state


class AlreadyDecided(DecidedByOther):
    """Somebody else decided first; `by` says who and `state` what."""


class WrongState(DecidedByOther):
    """This cannot follow from the present state; the message says what can."""


class MasterKeyWrong(LearningError):
    """The master key does not open this workspace's keys; set the key they were made with."""


class Tampered(LearningError):
    """A stored text does not match its key and place: the row was changed outside of this program."""


class Unreadable(LearningError):
    """A record has a shape that this version of the program cannot read; the message names it."""


class TooFew(LearningError):
    """There is not enough to compute a statistic from; the message says of what."""


class ModelNotThere(LearningError):
    """A model that was asked for, or what runs it, is not installed; the message says how to install it."""


class NotUnderstood(LearningError):
    """What was typed or set cannot be read; the message says what it should look like."""
