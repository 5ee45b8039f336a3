"""What travels: JSON objects, and small readers for values that come as form text or as JSON."""

import json
from typing import Any

#: A JSON object as Slack and its apps exchange them.
Json = dict[str, Any]


def decoded(value: Any) -> Any:
    """`value` as JSON where it is text that holds a JSON object or array; unchanged otherwise.

    Form-encoded calls carry `blocks`, `view` and the like as text, JSON calls as they are.
    """
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def truth(value: Any) -> bool:
    """Whether an argument means yes: JSON `true`, or the forms `true`, `1` and `True`."""
    return value is True or str(value).lower() in ("true", "1")


def whole(value: Any, default: int) -> int:
    """An argument as a whole number; `default` where it is missing or no number."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return default
