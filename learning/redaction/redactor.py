"""The redactor: text without contact details, secrets and people, in which equal details stay recognisable.

Always: every detail is replaced by its placeholder; redacting twice changes nothing more; what is found once in a
text is replaced wherever it stands in it; spans are in order, do not overlap and cover exactly what was replaced;
mark-up that stays is well-formed. It works pass by pass, because what one pass replaces may have hidden something;
each pass leaves less to be found, and a pass that finds nothing is the last.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from learning.redaction import markup, private_keys
from learning.redaction.allowed import Allowed
from learning.redaction.details import Detail, DetailKind, Recogniser, apart, elsewhere
from learning.redaction.layout import Layout
from learning.redaction.numbering_plans import REGIONS
from learning.redaction.placeholders import placeholder
from learning.redaction.recognisers import recognisers

#: Kinds whose text may be an ordinary word elsewhere.
_ONLY_WHERE_FOUND = frozenset(
    {DetailKind.PERSON, DetailKind.CHANNEL, DetailKind.GROUP, DetailKind.ADDRESS, DetailKind.COMPANY}
)


@dataclass(frozen=True)
class Span:
    """A place in the given text that was replaced."""

    kind: DetailKind
    #: Characters from `start` up to and without `end`.
    start: int
    end: int


@dataclass(frozen=True)
class Redacted:
    """A text after redaction."""

    text: str
    #: In order, never overlapping; places in the text that was given.
    spans: tuple[Span, ...]


class Redactor:
    """Redacts texts of one workspace."""

    def __init__(
        self,
        key: bytes,
        *,
        regions: tuple[str, ...] = REGIONS,
        allowed: Allowed | None = None,
        more: Iterable[Recogniser] = (),
    ) -> None:
        """Take the workspace's key.

        Args:
            key: secret bytes that are this workspace's alone.
            regions: countries whose national phone numbers are understood, likely ones first.
            allowed: what may stand as it is.
            more: further recognisers, such as one for the workspace's people or one with a model; where they find what
                the others found, the others' word counts.
        """
        self._key = key
        self._regions = regions
        self._allowed = allowed or Allowed()
        self._recognisers = recognisers(regions)
        self._more = tuple(more)

    def redact(self, text: str) -> str:
        """The text with a placeholder in the place of each detail; placeholders already there stay."""
        return self.redaction(text).text

    def redaction(self, text: str) -> Redacted:
        """The text with a placeholder in the place of each detail, and where in the given text they stand."""
        pieces = self._replaced([_Piece(text, 0, len(text), None)], private_keys.around_markup(text, self._regions))
        known: list[Detail] = []
        while True:
            shown = "".join(piece.shown for piece in pieces)
            found = self._found(shown, known)
            if not found:
                spans = (Span(piece.kind, piece.start, piece.end) for piece in pieces if piece.kind is not None)
                return Redacted(shown, tuple(spans))
            pieces = self._replaced(pieces, found)
            # What a placeholder has just parted from its neighbour may be what was found elsewhere.
            known += (replace(one, start=-1, end=-1) for one in found)

    def _replaced(self, pieces: "Sequence[_Piece]", found: Iterable[Detail]) -> "list[_Piece]":
        return _replaced(pieces, [(one, placeholder(self._key, one.kind, one.canonical)) for one in found])

    def _found(self, text: str, known: Sequence[Detail]) -> Sequence[Detail]:
        """What one pass finds in a text.

        Args:
            known: what passes before found; where they found it makes no difference.
        """
        layout = Layout(text, self._regions, self._allowed)
        plain = [detail for one in self._recognisers for detail in one.find(layout.view)]
        others = (part for one in self._more for detail in one.find(layout.view) for part in layout.open_parts(detail))
        open_ones = (one for one in (*plain, *markup.bare_ids(layout.view), *others) if layout.is_open(one))
        settled = apart(one for one in (*layout.details, *open_ones) if not self._allowed.allows(one))
        again = elsewhere(layout.view, (one for one in (*settled, *known) if one.kind not in _ONLY_WHERE_FOUND))
        return apart((*settled, *again)) if settled or known else ()


@dataclass(frozen=True)
class _Piece:
    """A stretch of a text on its way: as it was given, or a placeholder."""

    shown: str
    #: Where in the given text it comes from.
    start: int
    end: int
    #: What a placeholder stands for; None where the text is as it was given.
    kind: DetailKind | None


def _replaced(pieces: Sequence[_Piece], replacements: Sequence[tuple[Detail, str]]) -> list[_Piece]:
    """The pieces with replacements made; placeholders inside what is replaced go with it.

    Args:
        pieces: the text so far.
        replacements: in order and apart; their places are those in the text so far, and cut no placeholder.
    """
    made: list[_Piece] = []
    done = 0
    for detail, shown in replacements:
        made += _between(pieces, done, detail.start)
        inside = list(_between(pieces, detail.start, detail.end))
        made.append(_Piece(shown, inside[0].start, inside[-1].end, detail.kind))
        done = detail.end
    return [*made, *_between(pieces, done, sum(len(piece.shown) for piece in pieces))]


def _between(pieces: Sequence[_Piece], start: int, end: int) -> Iterator[_Piece]:
    """The pieces, or what of them lies from `start` up to and without `end` in the text so far."""
    at = 0
    for piece in pieces:
        first, last = max(start - at, 0), min(end - at, len(piece.shown))
        if first < last and piece.kind is None:
            yield _Piece(piece.shown[first:last], piece.start + first, piece.start + last, None)
        elif first < last:
            yield piece
        at += len(piece.shown)
