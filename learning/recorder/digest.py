"""The digest of a record: one number that any change of it changes.

It covers the ciphertext, never the text, so that it can be checked without a key, and still holds after the key was
destroyed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from learning.audit import canonical

#: What the digest of shape 1 and 2 covers. A later shape that adds a column brings a tuple of its own: what was
#: digested stays as it was.
_DECISION: Final = (
    "workspace",
    "id",
    "schema_version",
    "at",
    "channel",
    "thread",
    "ts",
    "conversation",
    "asker",
    "parent",
    "kind",
    "action",
    "rule",
    "confidence",
    "model",
    "prompt_hash",
    "instructions",
    "kb_version",
    "embedding",
    "ranking",
    "calibration",
    "code",
    "tags",
    "finish_reason",
    "tokens_in",
    "tokens_out",
    "cost",
    "latency_ms",
    "stages",
    "signals",
    "payload",
)
_EVIDENCE: Final = ("rank", "entry", "version", "score", "features", "used")


def digest(decision: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]]) -> str:
    """sha256 over the canonical JSON of a record (sorted keys, no spaces, UTC to the microsecond).

    Args:
        decision: its columns by name; `payload` is what was encrypted.
        evidence: the columns of its evidence, best first.
    """
    told = {
        "decision": {name: _told(decision[name]) for name in _DECISION},
        "evidence": [{name: _told(item[name]) for name in _EVIDENCE} for item in evidence],
    }
    return hashlib.sha256(canonical(told)).hexdigest()


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value
