"""Markdown cut into passages: by headings first, then by length, never inside a sentence. Pure.

Where a long section is cut depends on the text around the cut and not on what stands before it, so that a paragraph
that is added or changed leaves the passages further on as they were.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from kb.text import has_words

#: Words. The packaged model reads about 190 English words of a text.
SHORTEST, LONGEST = 120, 200
#: Words. A rest shorter than this is not left alone where another cut is possible.
_SCRAP = 40

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)$")
_CLOSING = re.compile(r"[ \t]#+$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_RULE = re.compile(r" {0,3}([-*_])(?:\s*\1){2,}\s*$")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])[\"'”’)\]]*\s+(?=\S)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Passage:
    """A piece of a document that can be read alone."""

    #: The headings above it, outermost first.
    headings: tuple[str, ...]
    #: Which piece of its section it is, from 1, and how many there are.
    part: int
    parts: int
    #: Markdown.
    text: str
    #: The page it begins on, from 1, where the document has pages.
    page: int


@dataclass(frozen=True)
class _Piece:
    """What is never cut: a sentence, a list item, some rows of a table."""

    text: str
    #: What stands between it and the piece before.
    joint: str
    page: int

    @property
    def words(self) -> int:
        return len(self.text.split())


def passages(markdown: str) -> tuple[Passage, ...]:
    """The passages of a document, in its order; form feeds separate pages."""
    found: list[Passage] = []
    markdown = _IMAGE.sub(r"\1", _COMMENT.sub("", markdown))
    for headings, lines in _sections(markdown):
        packs = [pack for pack in _packs(list(_pieces(lines))) if has_words(_joined(pack))]
        for part, pack in enumerate(packs, start=1):
            found.append(Passage(headings, part, len(packs), _joined(pack), pack[0].page))
    return tuple(found)


def _sections(markdown: str) -> Iterator[tuple[tuple[str, ...], list[tuple[str, int]]]]:
    """Each section's headings and its lines with their pages."""
    above: list[tuple[int, str]] = []
    lines: list[tuple[str, int]] = []
    fence = ""
    for page, sheet in enumerate(markdown.split("\f"), start=1):
        for line in sheet.split("\n"):
            fence = _fence_after(line, fence)
            level, title = (0, "") if fence else _heading(line, lines)
            if not level:
                lines.append((line.rstrip(), page))
                continue
            yield tuple(text for _, text in above), lines
            lines = []
            above = [each for each in above if each[0] < level]
            above.append((level, title))
    yield tuple(text for _, text in above), lines


def _heading(line: str, before: list[tuple[str, int]]) -> tuple[int, str]:
    # The level and the text; level 0 for what is none. An underlined heading's text is taken back from the lines.
    if match := _HEADING.match(line):
        return len(match[1]), _bare(_CLOSING.sub("", match[2].rstrip()))
    match = _UNDERLINE.match(line)
    alone = len(before) < 2 or not before[-2][0].strip()
    if match and before and alone and has_words(before[-1][0]) and not _ITEM.match(before[-1][0]):
        return (1 if match[1][0] == "=" else 2), _bare(before.pop()[0])
    return 0, ""


def _bare(title: str) -> str:
    # Without emphasis and links, which mean nothing in a question.
    title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
    return re.sub(r"[*`]|(?<!\w)_|_(?!\w)", "", title).strip()


def _fence_after(line: str, fence: str) -> str:
    match = _FENCE.match(line)
    if not match:
        return fence
    if not fence:
        return match[1]
    return "" if match[1].startswith(fence) else fence


def _pieces(lines: Sequence[tuple[str, int]]) -> Iterator[_Piece]:
    for block in _blocks(lines):
        texts, page = [line for line, _ in block], block[0][1]
        if _FENCE.match(texts[0]):
            yield from _cut(texts, page, "\n")
        elif texts[0].lstrip().startswith("|") or _is_table_line(texts[1:2]):
            yield from _table(texts, page)
        elif _ITEM.match(texts[0]):
            for number, item in enumerate(_items(texts)):
                yield _Piece(item, "\n" if number else "\n\n", page)
        else:
            text = " ".join(line.strip() for line in texts)
            units = [text] if len(text.split()) <= LONGEST else _SENTENCE_END.split(text)
            yield from _cut(units, page, " ")


def _blocks(lines: Sequence[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    """Paragraphs, lists, tables and code, as runs of lines."""
    block: list[tuple[str, int]] = []
    fence = ""
    for line, page in lines:
        inside, fence = fence, _fence_after(line, fence)
        ends = not inside and (not line.strip() or _RULE.match(line))
        begins = not inside and bool(block) and (bool(fence) or _kind(line) != _kind(block[0][0]))
        # Lines that go on with a list item are indented or follow it at once.
        if begins and not fence and _ITEM.match(block[0][0]) and not line.lstrip().startswith("|"):
            begins = False
        if (ends or begins) and block:
            yield block
            block = []
        if not ends:
            block.append((line, page))
        if inside and not fence:
            yield block
            block = []
    if block:
        yield block


def _kind(line: str) -> str:
    if line.lstrip().startswith("|"):
        return "table"
    return "list" if _ITEM.match(line) else "text"


def _items(lines: Sequence[str]) -> Iterator[str]:
    """The items of the outermost list, each with what is below it."""
    outer = len(lines[0]) - len(lines[0].lstrip())
    item: list[str] = []
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if not _ITEM.match(line):
            # A line that was wrapped belongs to the one before.
            if item:
                item[-1] += " " + line.strip()
            continue
        if item and indent <= outer:
            yield "\n".join(item)
            item = []
        item.append(line[outer:] if indent >= outer else line.lstrip())
    if item:
        yield "\n".join(item)


def _table(lines: Sequence[str], page: int) -> Iterator[_Piece]:
    """The table whole, or in groups of rows under its head."""
    head, rows = (list(lines[:2]), list(lines[2:])) if _is_table_line(lines[1:2]) else ([], list(lines))
    if head and rows and not has_words(head[0]):
        # Converters write an empty head where the document's table has none.
        head, rows = [rows[0], head[1]], rows[1:]
    group: list[str] = []
    for row in rows:
        if group and len(" ".join((*head, *group, row)).replace("|", " ").split()) > LONGEST:
            yield _Piece("\n".join((*head, *group)), "\n\n", page)
            group = []
        group.append(row)
    if head or group:
        yield _Piece("\n".join((*head, *group)), "\n\n", page)


def _is_table_line(lines: Sequence[str]) -> bool:
    # The line between a table's head and its rows.
    return bool(lines) and set("|-") <= set(lines[0]) <= set("|-: \t")


def _cut(units: Sequence[str], page: int, joint: str) -> Iterator[_Piece]:
    """Each unit as a piece; one that is far too long (no sentence ends in it) by words."""
    first = True
    for unit in units:
        words = unit.split()
        long = len(words) > LONGEST
        for part in (" ".join(words[at : at + LONGEST]) for at in range(0, len(words), LONGEST)) if long else (unit,):
            yield _Piece(part, "\n\n" if first else joint, page)
            first = False


def _packs(pieces: Sequence[_Piece]) -> Iterator[Sequence[_Piece]]:
    rest = list(pieces)
    while sum(piece.words for piece in rest) > LONGEST:
        count = _best_cut(rest)
        yield rest[:count]
        rest = rest[count:]
    if rest:
        yield rest


def _best_cut(pieces: Sequence[_Piece]) -> int:
    """How many pieces go into the next passage."""
    total = sum(piece.words for piece in pieces)
    possible: list[tuple[bool, bool, str, int]] = []
    words = 0
    fits = 1
    for count, piece in enumerate(pieces[:-1], start=1):
        words += piece.words
        if words > LONGEST:
            break
        fits = count
        if words < SHORTEST or piece.text.endswith(":"):
            continue
        # The hash of what ends here is arbitrary, but the same after an insertion further up: the cuts fall in again.
        mark = sha256(piece.text.encode()).hexdigest()
        possible.append((total - words < _SCRAP, pieces[count].joint != "\n\n", mark, count))
    return min(possible)[-1] if possible else fits


def _joined(pieces: Sequence[_Piece]) -> str:
    first, *others = pieces
    return (first.text + "".join(piece.joint + piece.text for piece in others)).strip()
