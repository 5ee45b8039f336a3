"""What can go wrong in the learning library; each message is a sentence that can be shown to a person."""


class LearningError(Exception):
    """Root of every error that `learning` raises on purpose."""


class Unknown(LearningError):
    """There is no such thing in this workspace; it may have been removed."""


class NotAllowed(LearningError):
    """The person may not do this; the message says who may."""


class Stale(LearningError):
    """What was shown has changed since; look at it again and decide anew."""


class AlreadyDecided(LearningError):
    """Somebody else decided first; the message says who and what."""


class WrongState(LearningError):
    """This cannot follow from the present state; the message says what can."""
