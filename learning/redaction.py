"""Redaction: text without contact details, secrets and user ids, in which equal details stay recognisable.

Always: a detail becomes `[KIND_<12 hex digits>]`, an HMAC under the workspace's own key, so that the same address gives
the same placeholder and deleting the key unlinks them all; redacting twice changes nothing more. Slack's own tokens
(`<@U…>`, `<#C…|name>`, `<mailto:…|…>`, `<https://…|…>`) are read first, then the plain text between them.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from kb.ids import WorkspaceId
from learning.contact_details import DEFAULT_REGIONS, ContactDetail, DetailKind, contact_details
from learning.encryption import Vault

__all__ = ["ContactDetail", "DetailKind", "Redactor", "contact_details", "redactor_for"]

_SLACK_TOKEN = re.compile(r"<(?P<target>[^<>|\s][^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_PLACEHOLDER = re.compile(r"\[[A-Z]{2,10}_[0-9a-f]{12}\]")
_BARE_ID = re.compile(r"(?<![A-Za-z0-9])[UW]\d[A-Z0-9]{7,11}(?![A-Za-z0-9])")
#: Tokens inside tokens show only once the inner one is gone; well-formed text is done after one pass.
_PASSES = 8
_URL = re.compile(r"https?://[^\s<>|]+", re.IGNORECASE)


class Redactor:
    """Redacts texts of one workspace."""

    def __init__(self, key: bytes, *, regions: tuple[str, ...] = DEFAULT_REGIONS) -> None:
        """Take the workspace's key.

        Args:
            key: secret bytes that are this workspace's alone.
            regions: countries whose national phone numbers are understood.
        """
        self._key = key
        self._regions = regions

    def redact(self, text: str) -> str:
        """The text with a placeholder in the place of each detail; placeholders already there stay."""
        for _ in range(_PASSES):
            redacted = _between(_SLACK_TOKEN, text, self._token, self._unmarked)
            if redacted == text:
                break
            text = redacted
        return text

    def _token(self, match: re.Match[str]) -> str:
        target, label = match.group("target"), match.group("label")
        if target.startswith("@"):
            return self._placeholder("PERSON", target[1:])
        if target.startswith("#"):
            return self._placeholder("CHANNEL", target[1:])
        if target.startswith("!subteam^"):
            return self._placeholder("GROUP", target.removeprefix("!subteam^"))
        if target.startswith("!"):
            return match.group()
        scheme, _, rest = target.partition(":")
        if scheme.lower() == "mailto":
            return self._placeholder("EMAIL", rest.partition("?")[0].lower())
        if scheme.lower() == "tel":
            return self._plain(rest) if contact_details(rest, self._regions) else self._placeholder("PHONE", rest)
        if scheme.lower() in ("http", "https"):
            shown = "" if label is None else "|" + self._unmarked(label)
            return f"<{self._url(target)}{shown}>"
        return "<" + self._unmarked(match.group()[1:-1]) + ">"

    def _unmarked(self, text: str) -> str:
        return _between(_PLACEHOLDER, text, lambda match: match.group(), self._with_urls)

    def _with_urls(self, text: str) -> str:
        return _between(_URL, text, lambda match: self._url(match.group()), self._plain)

    def _url(self, url: str) -> str:
        """The address of a page says what is talked about; its query and user part may say who."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return self._plain(url)
        host = parts.netloc.rpartition("@")[2]
        kept = f"{parts.scheme}://{host}{parts.path}"
        return _between(_PLACEHOLDER, kept, lambda match: match.group(), self._plain)

    def _plain(self, text: str) -> str:
        pieces, done = [], 0
        for detail in contact_details(text, self._regions):
            pieces += [text[done : detail.start], self._placeholder(detail.kind, detail.canonical)]
            done = detail.end
        marked = "".join([*pieces, text[done:]])
        return _BARE_ID.sub(lambda match: self._placeholder("PERSON", match.group()), marked)

    def _placeholder(self, kind: str, canonical: str) -> str:
        digest = hmac.new(self._key, f"{kind}|{canonical}".encode(), hashlib.sha256).hexdigest()
        return f"[{kind}_{digest[:12]}]"


def redactor_for(
    session: Session,
    workspace: WorkspaceId,
    vault: Vault,
    *,
    now: datetime,
    regions: tuple[str, ...] = DEFAULT_REGIONS,
) -> Redactor:
    """The redactor of a workspace; its key is made at the first call and kept wrapped.

    Raises:
        MasterKeyWrong: the vault's master key does not open the stored key.
    """
    return Redactor(vault.workspace_key(session, workspace, "redaction", now=now), regions=regions)


def _between(
    pattern: re.Pattern[str],
    text: str,
    matched: Callable[[re.Match[str]], str],
    rest: Callable[[str], str],
) -> str:
    """Apply one function to what a pattern matches and another to the text between."""
    pieces, done = [], 0
    for match in pattern.finditer(text):
        pieces += [rest(text[done : match.start()]), matched(match)]
        done = match.end()
    return "".join([*pieces, rest(text[done:])])
