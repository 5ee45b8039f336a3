"""Redaction of a text that comes line by line: a detail stands on one line, but a private key goes on over many."""

import re
from collections.abc import Iterable, Iterator

from learning.redaction.details import DetailKind
from learning.redaction.redactor import Redacted, Redactor, Span

_BEGIN = "-----BEGIN PRIVATE KEY-----\n"
_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?!.*-----END )")
#: What a line of a key may look like: the key itself, what a header says of it, or its end.
_GOES_ON = re.compile(r"[A-Za-z0-9+/=]{0,80}|[A-Za-z-]{1,40}: [ -~]{1,80}")
_ENDS = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----\s*")


def redacted_lines(redactor: Redactor, lines: Iterable[str]) -> Iterator[Redacted]:
    """Each line redacted, as it comes; places in the spans are those in the line."""
    inside = False
    for line in lines:
        ends = _ENDS.fullmatch(line) is not None
        inside = inside and (ends or _GOES_ON.fullmatch(line) is not None)
        if inside and line:
            yield Redacted(redactor.redact(_BEGIN + line), (Span(DetailKind.SECRET, 0, len(line)),))
        else:
            yield redactor.redaction(line)
        inside = (inside and not ends) or _BEGINS.search(line) is not None
