"""What can go wrong in the application; each message tells a person what happened and what to do."""


class BotError(Exception):
    """Root of every error that `bot` raises on purpose."""


class Misconfigured(BotError):
    """A setting is missing or unusable; the message names it."""


class DataFolderLocked(BotError):
    """Another process works on this data folder; the message says which."""


class NotReachable(BotError):
    """Slack, the database or the model cannot be reached; the message says which and what to check."""


class Unusable(BotError):
    """A file cannot be used for what was asked; the message names it and says what is missing."""
