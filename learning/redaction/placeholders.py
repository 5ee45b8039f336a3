"""Placeholders: what stands in the place of a detail.

Always: `[KIND_<12 hex digits>]`, an HMAC under the workspace's own key, so that the same detail has the same
placeholder and deleting the key unlinks them all. What leaves the workspace is numbered instead, so that no model
learns hashes.
"""

import hmac
import re
from collections.abc import Iterable

from learning.redaction.details import DetailKind

_KINDS = "|".join(DetailKind)
#: A placeholder, keyed or numbered.
PLACEHOLDER = re.compile(rf"\[(?P<kind>{_KINDS})_(?:[0-9a-f]{{12}}|\d{{1,6}})\]")
_DIGITS = 12


def placeholder(key: bytes, kind: DetailKind, canonical: str) -> str:
    """The placeholder of a detail.

    Args:
        key: the workspace's own secret bytes.
        canonical: the same for every spelling of the detail.
    """
    digest = hmac.digest(key, f"{kind}|{canonical}".encode(errors="surrogatepass"), "sha256").hex()
    return f"[{kind}_{digest[:_DIGITS]}]"


def renumbered(texts: Iterable[str]) -> tuple[str, ...]:
    """The same texts with `[EMAIL_1]`, `[EMAIL_2]` … in the place of keyed placeholders.

    Numbers count from 1 for each kind, in the order in which they first appear over all the texts: what is exported
    together is given together, and what is exported apart cannot be tied together by them.
    """
    numbers: dict[str, dict[str, int]] = {}

    def numbered(match: re.Match[str]) -> str:
        known = numbers.setdefault(match["kind"], {})
        return f"[{match['kind']}_{known.setdefault(match[0], len(known) + 1)}]"

    return tuple(PLACEHOLDER.sub(numbered, text) for text in texts)
