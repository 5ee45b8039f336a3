"""The layout of a text: which places of it are settled, which are addresses, and what is left to look at.

Always: the view is as long as the text, so that places in one are places in the other; whatever is settled is hidden in
it, placeholders and the signs of mark-up among it.
"""

from collections.abc import Iterator

from learning.redaction.allowed import Allowed
from learning.redaction.details import HIDDEN, Detail, DetailKind
from learning.redaction.markup import tokens
from learning.redaction.placeholders import PLACEHOLDER
from learning.redaction.urls import urls

#: Plain numbers in the path of an address count pages and posts.
_NOT_IN_ADDRESSES = frozenset({DetailKind.PHONE, DetailKind.ID, DetailKind.SSN})


class Layout:
    """What is where in one text."""

    def __init__(self, text: str, regions: tuple[str, ...], allowed: Allowed) -> None:
        """Lay a text out.

        Args:
            regions: countries whose national phone numbers are understood.
            allowed: details that may stand as they are.
        """
        #: What the mark-up and the addresses tell by themselves.
        self.details: list[Detail] = []
        # What hides is this package's own character; the same one in what somebody wrote must hide nothing.
        seen = text.replace(HIDDEN, " ")
        #: The text with everything hidden that is settled.
        self.view = PLACEHOLDER.sub(lambda match: HIDDEN * len(match[0]), seen) if "[" in seen else seen
        self._addresses: list[tuple[int, int]] = []
        self._read_markup(regions, allowed)
        self._read_addresses()

    def is_open(self, detail: Detail) -> bool:
        """Whether a detail stands where details of its kind are looked for."""
        if HIDDEN in self.view[detail.start : detail.end]:
            return False
        plain = detail.kind in _NOT_IN_ADDRESSES and not detail.text.startswith("+")
        return not (plain and any(detail.overlaps(*place) for place in self._addresses))

    def open_parts(self, detail: Detail) -> Iterator[Detail]:
        """What is left of a detail outside what is settled."""
        at = detail.start
        for part in self.view[detail.start : detail.end].split(HIDDEN):
            shown = part.strip()
            if any(map(str.isalnum, shown)):
                start = at + part.index(shown)
                whole = shown == detail.text
                yield Detail(detail.kind, start, start + len(shown), shown, detail.canonical if whole else shown)
            at += len(part) + 1

    def _read_markup(self, regions: tuple[str, ...], allowed: Allowed) -> None:
        hidden: list[tuple[int, int]] = []
        for token in tokens(self.view, regions):
            if token.detail is not None and not allowed.allows(token.detail):
                self.details.append(token.detail)
                hidden.append((token.start, token.end))
            else:
                # The signs stay; the address and the words between them are looked at like any other.
                hidden += _gaps(token.start, token.end, (token.url, token.label))
        self._hide(hidden)

    def _read_addresses(self) -> None:
        hidden: list[tuple[int, int]] = []
        for url in urls(self.view):
            self._addresses.append((url.start, url.end))
            self.details += url.parts
            hidden += [(part.start, part.end) for part in url.parts]
        self._hide(hidden)

    def _hide(self, places: list[tuple[int, int]]) -> None:
        if not places:
            return
        shown, done = [], 0
        for start, end in places:
            shown += [self.view[done:start], HIDDEN * (end - start)]
            done = end
        self.view = "".join([*shown, self.view[done:]])


def _gaps(start: int, end: int, parts: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int]]:
    """The places from `start` to `end` that no part covers."""
    for first, last in parts:
        if last > first:
            yield start, first
            start = last
    yield start, end
