"""Questions and answers from rows: CSV tables and JSON lines. Pure; a bad row is named, the rest goes in.

A row has a question and an answer, and may have phrasings, an audience and a day for the next look. What a row says
wrongly about its audience makes the row fail, because reading it as 'everyone' could show it to the wrong people.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kb.entries import Draft, EntryKind
from kb.errors import UnreadableSource
from kb.readings import Notice, Reading, audience_of, clean, day, drafted
from kb.text import has_words, normalise

#: Characters. Longer ones are mistakes, such as a whole page in the question's column.
LONGEST_QUESTION = 1_000
#: Characters: what can still be read, and shown, as one answer.
LONGEST_ANSWER = 12_000
_DELIMITERS = ",;\t|"
_NEEDED = ("question", "answer")
#: A row's position and values by field, or the reason why it has none.
Rows = Iterator[tuple[str, Mapping[str, Any] | str]]


def read_csv(text: str, source: str) -> Reading:
    """The rows of a table whose first row names `question`, `answer` and perhaps `phrasings`, `audience`, `review_by`.

    The delimiter is found from that first row. Several phrasings in a cell stand on lines of their own or are separated
    by `|`; several audience references by spaces or commas.

    Raises:
        UnreadableSource: the first row names no question and answer, the table is broken, or no row can be read.
    """
    names, _ = _header(text, _NEEDED)
    if not all(name in names for name in _NEEDED):
        raise UnreadableSource("Its first row must name the columns, among them 'question' and 'answer'.")
    return _read(table_rows(text, _NEEDED), source)


def read_jsonl(text: str, source: str) -> Reading:
    """One object in a line with the same names; phrasings and audience are text or lists of text.

    Raises:
        UnreadableSource: no row can be read.
    """
    return _read(line_rows(text, "an object with 'question' and 'answer'"), source)


def field(name: str) -> str:
    """The form in which two names of a column count as the same: case and spaces do not matter."""
    return clean(name).lower().replace(" ", "_")


def table_rows(text: str, wanted: Sequence[str]) -> Rows:
    """The rows of a table, by the names in its first row as `field` gives them; empty rows are left out.

    Args:
        wanted: names that should be there; they tell which of several delimiters it is.

    Raises:
        UnreadableSource: the table is broken.
    """
    names, delimiter = _header(text, wanted)
    rows = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1)
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableSource(f"The table is broken: {error}.") from error
        if number == 1 or not any(map(clean, cells)):
            continue
        if len(cells) > len(names):
            yield f"row {number}", f"It has {len(cells)} cells where the first row has {len(names)}; quote the text."
        else:
            yield f"row {number}", dict(zip(names, cells, strict=False))


def line_rows(text: str, expected: str) -> Rows:
    """The objects in a text with one in each line; empty lines are left out.

    Args:
        expected: what a line should hold, for the reason where it holds something else.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        position = f"row {number}"
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            yield position, "It is not JSON."
            continue
        yield position, values if isinstance(values, dict) else f"It is not {expected}."


def _read(rows: Rows, source: str) -> Reading:
    drafts: list[Draft] = []
    failed: list[Notice] = []
    first: dict[tuple[str, frozenset[str]], str] = {}
    for position, values in rows:
        if isinstance(values, str):
            failed.append(Notice(source, values, position))
            continue
        try:
            draft = _draft(values, source, position)
        except ValueError as error:
            failed.append(Notice(source, f"{error}.", position))
            continue
        key = (normalise(draft.question), draft.audience.refs)
        if key in first:
            failed.append(Notice(source, f"It asks the same question as {first[key]}, which counts.", position))
            continue
        first[key] = position
        drafts.append(draft)
    if failed and not drafts:
        raise UnreadableSource(
            f"None of its {len(failed):,} rows can be read; {failed[0].position}: {failed[0].reason}"
        )
    return Reading(tuple(drafts), tuple(failed))


def _draft(values: Mapping[str, Any], source: str, position: str) -> Draft:
    question, answer = _text(values, "question"), _text(values, "answer")
    phrasings = _texts(values, "phrasings", separators="\n|")
    for name, text in (("question", question), ("answer", answer)):
        if not has_words(text):
            raise ValueError(f"It has no {name}")
    for wording in (question, *phrasings):
        if len(wording) > LONGEST_QUESTION:
            raise ValueError(f"A wording has {len(wording):,} characters; at most {LONGEST_QUESTION:,} can be used")
    if len(answer) > LONGEST_ANSWER:
        raise ValueError(f"The answer has {len(answer):,} characters; at most {LONGEST_ANSWER:,} can be shown")
    return drafted(
        source=source,
        position=position,
        question=question,
        answer=answer,
        kind=EntryKind.ANSWER,
        phrasings=[wording for wording in phrasings if has_words(wording)],
        audience=audience_of(_texts(values, "audience", separators=", \n;")),
        review_by=day(_text(values, "review_by")),
    )


def _header(text: str, wanted: Sequence[str]) -> tuple[list[str], str]:
    """The names in the first row, and the delimiter that gives most of what is wanted, then most columns."""
    best: tuple[list[str], str] = ([], _DELIMITERS[0])
    most = (0, 0)
    for delimiter in _DELIMITERS:
        try:
            cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:
            continue
        names = [field(cell) for cell in cells]
        found = sum(name in names for name in wanted), len(names)
        if found > most:
            best, most = (names, delimiter), found
    return best


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"Its {name} is not text")
    return clean(value)


def _texts(values: Mapping[str, Any], name: str, *, separators: str) -> tuple[str, ...]:
    value = values.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        for separator in separators:
            value = value.replace(separator, "\0")
        value = value.split("\0")
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"Its {name} are neither text nor a list of texts")
    return tuple(text for text in map(clean, value) if text)
