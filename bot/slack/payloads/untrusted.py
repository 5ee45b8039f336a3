"""Reading JSON that somebody else wrote: every function here returns a value of its type for any JSON whatever.

Text comes out storable: NUL (which PostgreSQL refuses) and lone surrogates (which UTF-8 refuses) are replaced, so that
no message can fail later, where it is written down.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TS = re.compile(r"[0-9]{1,14}\.[0-9]{1,9}")


def dig(value: object, *path: str) -> object:
    """What stands at the end of the path, or None where the path breaks off."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def text(value: object, *path: str) -> str:
    """The text at the end of the path, storable; empty where there is none."""
    found = dig(value, *path)
    return _UNSTORABLE.sub("\ufffd", found) if isinstance(found, str) else ""


def first_text(value: object, *paths: Sequence[str]) -> str:
    """The first text that is not empty among several paths."""
    return next((found for path in paths if (found := text(value, *path))), "")


def timestamp(value: object, *path: str) -> str:
    """A Slack `ts`, kept as text; empty where it does not look like one."""
    found = text(value, *path)
    return found if _TS.fullmatch(found) else ""


def moment(value: object, *path: str) -> datetime | None:
    """When something happened, from a Slack `ts`; None where it does not look like one."""
    return said_at(timestamp(value, *path))


def said_at(ts: str) -> datetime | None:
    """The moment that a `ts` names, by Slack's clock; None where it names none."""
    try:
        return datetime.fromtimestamp(float(ts), UTC) if ts else None
    except (ValueError, OverflowError, OSError):
        return None


def items(value: object, *path: str) -> tuple[object, ...]:
    """The members of the list at the end of the path; none where there is no list."""
    found = dig(value, *path)
    return tuple(found) if isinstance(found, list | tuple) else ()


def first(value: object, *path: str) -> object:
    """The first member of the list at the end of the path, or None."""
    return next(iter(items(value, *path)), None)
