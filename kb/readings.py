"""What a file says as knowledge: drafts, and what could not be read of it.

A draft's content hash covers everything that an entry made of it would say, and nothing of where it stands, so that a
row or passage that merely moved is the same one.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from kb.entries import EVERYONE, Audience, Draft, EntryKind, Provenance

#: The `origin` in the provenance of everything that ingest writes.
ORIGIN = "ingest"
# Control characters (a database may refuse them) and halves of surrogate pairs, which are no text.
_NOISE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufeff]")
_REFERENCE = re.compile(r"[a-z]+:\S+")


@dataclass(frozen=True)
class Notice:
    """What an operator should know about a file or a place in it: why it did not go in."""

    #: Name of the file.
    source: str
    #: One clear line for a person.
    reason: str
    #: Where in the file; None for all of it.
    position: str | None = None


@dataclass(frozen=True)
class Reading:
    """What one file says."""

    #: In the file's order.
    drafts: tuple[Draft, ...]
    #: Rows that could not be read.
    failed: tuple[Notice, ...] = ()


def drafted(
    *,
    source: str,
    position: str,
    question: str,
    answer: str,
    kind: EntryKind,
    phrasings: Iterable[str] = (),
    audience: Audience = EVERYONE,
    review_by: date | None = None,
) -> Draft:
    """A draft with the provenance of ingest: where it stands and the hash of what it says."""
    question, answer = clean(question), clean(answer)
    wordings = tuple(dict.fromkeys(text for text in map(clean, phrasings) if text and text != question))
    said = [question, wordings, answer, kind.value, sorted(audience.refs), review_by and review_by.isoformat()]
    digest = sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
    return Draft(
        question=question,
        answer=answer,
        provenance=Provenance(ORIGIN, source=source, position=position, content_hash=digest),
        phrasings=wordings,
        kind=kind,
        audience=audience,
        review_by=review_by,
    )


def clean(text: str) -> str:
    """The text without characters that are none, with plain line ends and no space around it."""
    return _NOISE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def audience_of(references: Iterable[str]) -> Audience:
    """The audience that a file names; `everyone` or nothing means everyone.

    Raises:
        ValueError: something else stands there; guessing could show an entry to the wrong people.
    """
    refs = [ref for ref in map(clean, references) if ref and ref.lower() != "everyone"]
    for ref in refs:
        if not _REFERENCE.fullmatch(ref):
            raise ValueError(f"'{ref[:60]}' is no audience; write for instance channel:C0FINANCE")
    return Audience(frozenset(refs))


def day(text: str) -> date | None:
    """The day that a file names for the next look at an entry; None where it names none.

    Raises:
        ValueError: it is not a day.
    """
    text = clean(text)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text[:40]}' is no day; write it as 2027-03-31") from None
