"""Private keys with mark-up inside them: a mention pasted into a key hides nothing of it.

Mark-up tells first what it is, and would otherwise cut a key in pieces that no longer look like one.
"""

import re
from collections.abc import Iterator

from learning.redaction import markup
from learning.redaction.details import Detail, DetailKind

_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----",
    re.DOTALL,
)


def around_markup(text: str, regions: tuple[str, ...]) -> Iterator[Detail]:
    """Every whole key that holds mark-up or crosses its edge, in order; what it touches goes with it, whole.

    Args:
        regions: countries whose national phone numbers are understood.
    """
    if "PRIVATE KEY" not in text or "<" not in text:
        return
    tokens = list(markup.tokens(text, regions))
    done = 0
    for match in _KEY.finditer(text):
        start, end = match.span()
        touched = [
            one
            for one in tokens
            if one.start < end and start < one.end and not one.label[0] <= start < end <= one.label[1]
        ]
        if touched and start >= done:
            start, end = min(start, touched[0].start), max(end, touched[-1].end)
            done = end
            yield Detail(DetailKind.SECRET, start, end, text[start:end], match[0])
