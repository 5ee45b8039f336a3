"""E-mail addresses in a text, written plainly or with '(at)' and '(dot)' against robots."""

import re
from collections.abc import Iterator

from learning.redaction.details import Detail, DetailKind

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_TOP = r"(?:xn--[A-Za-z0-9-]{2,59}|[^\W\d_]{2,24})"
#: Dots of the widths that keyboards and pages have.
_DOT = r"[.．。]"
_EMAIL = re.compile(
    rf"""(?:"[^"\n\0]{{1,64}}"|(?<!\w)\w[\w.+%'&-]{{0,127}})[@＠](?:{_LABEL}{_DOT})+{_TOP}(?![^\W\d_])""", re.VERBOSE
)
_AT = r"\s{0,2}(?:\(at\)|\[at\]|\{at\}|<at>)\s{0,2}"
_SPELLED_DOT = r"(?:\s{0,2}(?:\(dot\)|\[dot\]|\{dot\}|\(punkt\)|\[punkt\])\s{0,2}|\.)"
_SPELLED = re.compile(rf"(?<!\w)\w[\w.+%-]{{0,63}}{_AT}(?:{_LABEL}{_SPELLED_DOT})+{_TOP}(?![^\W\d_])", re.IGNORECASE)
_BRACKETED = re.compile(r"[(\[{]\s*(at|dot|punkt)\s*[)\]}]|<at>", re.IGNORECASE)
#: 'logo@2x.png' is a picture for fine screens.
_PICTURE = re.compile(r"@\d(?:\.\d)?x\.\w+$", re.IGNORECASE)


class Emails:
    """Finds e-mail addresses."""

    def find(self, text: str) -> Iterator[Detail]:
        """Every address; the canonical form is in small letters."""
        if "@" in text or "＠" in text:
            for match in _EMAIL.finditer(text):
                # 'git@host:path' names a repository.
                if not (
                    _PICTURE.search(match[0]) or (match[0].startswith("git@") and text.startswith(":", match.end()))
                ):
                    yield Detail(DetailKind.EMAIL, *match.span(), match[0], canonical(match[0]))
        if _BRACKETED.search(text):
            for match in _SPELLED.finditer(text):
                yield Detail(DetailKind.EMAIL, *match.span(), match[0], canonical(match[0]))


def canonical(address: str) -> str:
    """One spelling of an address, for every way to write it."""

    def sign(match: re.Match[str]) -> str:
        return "." if (match[1] or "").lower() in ("dot", "punkt") else "@"

    plain = re.sub(r"\s+", "", _BRACKETED.sub(sign, address))
    return plain.translate({ord("＠"): "@", ord("．"): ".", ord("。"): "."}).lower()
