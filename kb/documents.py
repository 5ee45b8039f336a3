"""Documents as knowledge: Markdown as it is, HTML, PDF and DOCX through markitdown, which is imported only then.

A document may begin with lines between `---` that name its `title`, `audience` and `review_by`.
"""

import re
from collections import Counter
from datetime import date
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from kb.entries import EVERYONE, Audience, Draft, EntryKind
from kb.errors import UnreadableSource
from kb.passages import Passage, passages
from kb.readings import Reading, audience_of, clean, day, drafted
from kb.sources import LARGEST_TEXT
from kb.text import has_words

_FRONT = re.compile(r"\s*---[ \t]*\n(.*?)\n---[ \t]*(?:\n|$)", re.DOTALL)
_HYPHENATED = re.compile(r"(\w+)-\n[ \t]*([^\W\d_A-Z]\w*)")
_BROKEN = "It is broken, or something else than its name says."
#: Words. A longer line of a PDF is no heading.
_LONGEST_HEADING = 10
#: From so many pages on, a line at the edge of most of them is taken for a header or footer.
_FEWEST_PAGES = 3


def read_document(text: str, source: str, *, paged: bool = False) -> Reading:
    """The passages of a document in Markdown.

    Args:
        source: the file's name; the title where the document gives none.
        paged: whether its pages mean something to a reader.

    Raises:
        UnreadableSource: there is no text in it, or its first lines name an impossible audience or day.
    """
    front, body = _front(text.replace("\r\n", "\n").replace("\r", "\n"))
    audience, review_by = _said(front)
    found = passages(body)
    if not found:
        raise UnreadableSource("It holds no text (a scan has to be recognised first).")
    title = front.get("title") or _title(found) or _named(source)
    return Reading(tuple(_draft(each, title, source, audience, review_by, paged) for each in found))


def convert(path: Path) -> str:
    """A HTML, PDF or DOCX file as Markdown; form feeds separate the pages of a PDF.

    Raises:
        UnreadableSource: the file is broken, protected, or something else than its name says.
    """
    # Imported late: it takes half a second and brings a model that tells file types apart.
    from markitdown import MarkItDown

    if not _is_what_it_says(path):
        raise UnreadableSource(_BROKEN)
    try:
        text = MarkItDown(enable_plugins=False).convert_local(path).markdown
    except Exception as error:
        # The converters raise whatever the libraries below them do; for us it is one thing: this file cannot be read.
        raise UnreadableSource(_why(error)) from error
    if path.suffix.lower() != ".pdf":
        return text
    if text.lstrip().startswith("%PDF-"):  # what the converter made of it is the file itself, read as text
        raise UnreadableSource(_BROKEN)
    return _with_headings(text)


def _draft(passage: Passage, title: str, source: str, audience: Audience, review_by: date | None, paged: bool) -> Draft:
    below = passage.headings[1:] if passage.headings[:1] == (title,) else passage.headings
    place = " > ".join(below) or title
    if passage.parts > 1:
        place += f" ({passage.part})"
    return drafted(
        source=source,
        position=f"page {passage.page}, {place}" if paged else place,
        question=" > ".join((title, *below)),
        answer=passage.text,
        kind=EntryKind.PASSAGE,
        audience=audience,
        review_by=review_by,
    )


def _front(text: str) -> tuple[dict[str, str], str]:
    match = _FRONT.match(text.removeprefix("\ufeff"))
    if not match:
        return {}, text
    lines = (line.partition(":") for line in match[1].split("\n"))
    return {name.strip().lower(): clean(value).strip("\"'") for name, _, value in lines}, text[match.end() :]


def _said(front: dict[str, str]) -> tuple[Audience, date | None]:
    try:
        audience = audience_of(front.get("audience", "").strip("[]").replace(",", " ").split()) or EVERYONE
        return audience, day(front.get("review_by", ""))
    except ValueError as error:
        raise UnreadableSource(f"Its first lines are wrong: {error}.") from error


def _title(found: tuple[Passage, ...]) -> str:
    # The outermost heading of the first passage that has one, if all the others stand below it too.
    tops = {each.headings[0] for each in found if each.headings}
    return tops.pop() if len(tops) == 1 else ""


def _named(source: str) -> str:
    stem = Path(source.removesuffix(".gz")).stem
    words = " ".join(re.split(r"[-_\s]+", stem)).strip()
    return words[:1].upper() + words[1:] if has_words(words) else "Document"


def _with_headings(text: str) -> str:
    """The text of a PDF with words put together again, without running headers, and with likely headings marked."""
    pages = _without_edges([page.strip("\n") for page in text.split("\f")])
    whole = "\f".join(pages)
    return "\f".join("\n\n".join(_marked(page, whole, titled=not number)) for number, page in enumerate(pages))


def _marked(page: str, whole: str, *, titled: bool) -> list[str]:
    """The blocks of a page; the first of a titled page may be the document's title."""
    blocks = [block for block in re.split(r"\n[ \t]*\n", page) if block.strip()]
    found = []
    for number, block in enumerate(blocks):
        line = block.strip()
        heading = (
            "\n" not in line
            and len(line.split()) <= _LONGEST_HEADING
            and line[:1].isupper()
            and line[-1].isalnum()
            and number + 1 < len(blocks)
            and has_words(line)
        )
        mark = "#" if titled and not number else "##"
        found.append(f"{mark} {line}" if heading else _HYPHENATED.sub(lambda match: _rejoined(match, whole), block))
    return found


def _rejoined(match: re.Match[str], whole: str) -> str:
    # 'first-\naid' keeps its hyphen where the document has 'first-aid' elsewhere; most hyphens are the printer's.
    first, second = match[1], match[2]
    return f"{first}-{second}" if f"{first}-{second}" in whole else f"{first}{second}"


def _without_edges(pages: list[str]) -> list[str]:
    """The pages without the line that most of them begin or end with, numbers apart."""
    if len(pages) < _FEWEST_PAGES:
        return pages
    for edge in (0, -1):
        seen = Counter(_numberless(page.split("\n")[edge]) for page in pages)
        line, count = seen.most_common(1)[0]
        if line is None or count * 2 <= len(pages):
            continue
        for number, page in enumerate(pages):
            lines = page.split("\n")
            if _numberless(lines[edge]) == line:
                del lines[edge]
                pages[number] = "\n".join(lines).strip("\n")
    return pages


def _numberless(line: str) -> str | None:
    return re.sub(r"\d+", "", line).strip() if line.strip() else None


def _is_what_it_says(path: Path) -> bool:
    # The converters would read anything as some kind of text, and unpack an archive of any size.
    try:
        if path.suffix.lower() == ".pdf":
            with path.open("rb") as file:
                return b"%PDF-" in file.read(1024)
        if path.suffix.lower() == ".docx":
            with ZipFile(path) as archive:
                return sum(part.file_size for part in archive.infolist()) <= LARGEST_TEXT
    except (OSError, BadZipFile):
        return False
    return True


def _why(error: Exception) -> str:
    name = type(error).__name__
    if "Password" in name or "Password" in str(error) or "encrypted" in str(error).lower():
        return "It is protected by a password."
    return _BROKEN
