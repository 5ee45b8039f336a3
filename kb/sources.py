"""Which files are meant by the paths an operator gives, what they are called, and their text.

A file's name is the folder's name and the way down from there, never a path of this machine, so that the same folder
ingested from elsewhere is the same knowledge. Hidden files and folders are left out.
"""

import codecs
import gzip
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kb.errors import UnreadableSource
from kb.readings import Notice

#: What can be read: endings of file names, without `.gz`.
TABLES = frozenset({".csv", ".tsv"})
LINES = frozenset({".jsonl", ".ndjson"})
PLAIN = frozenset({".md", ".markdown", ".txt"})
CONVERTED = frozenset({".html", ".htm", ".pdf", ".docx"})
#: What may also come compressed.
_PACKABLE = TABLES | LINES | PLAIN
#: A text larger than this is more likely a mistake (or a bomb in a .gz) than knowledge.
LARGEST_TEXT = 256 * 1024 * 1024
_READABLE = "CSV, JSON lines, Markdown, HTML, PDF and DOCX"
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Source:
    """A file to read."""

    #: What it is called in provenance, such as `documents/travel.md`.
    name: str
    path: Path

    @property
    def format(self) -> str:
        """The ending that says how to read it, in lower case, without `.gz`."""
        return _format(self.path)


@dataclass(frozen=True)
class Found:
    """What the paths hold."""

    sources: tuple[Source, ...]
    #: Names of the folders that were searched whole: what is known from inside them and no longer there has vanished.
    folders: tuple[str, ...]
    failed: tuple[Notice, ...]


def find(paths: Sequence[Path]) -> Found:
    """The files meant by `paths`: files as they are, folders with all that is readable in them, each file once."""
    sources: dict[str, Source] = {}
    seen: set[Path] = set()
    folders: list[str] = []
    failed: list[Notice] = []
    for path in paths:
        whole = path.expanduser().resolve()
        if whole.is_dir():
            inside = [Source(_name(file, whole), file) for file in _files(whole)]
            folders += [whole.name] if inside else []
            failed += [] if inside else [Notice(whole.name, f"The folder holds no {_READABLE} files.")]
        elif whole.is_file() and readable(whole):
            inside = [Source(_name(whole, whole.parent), whole)]
        else:
            inside = []
            reason = f"It is none of the formats that can be read: {_READABLE}." if whole.is_file() else "No such file."
            failed.append(Notice(path.name or whole.name, reason))
        for source in inside:
            if source.path in seen:
                continue
            seen.add(source.path)
            if source.name in sources:
                failed.append(
                    Notice(source.name, "Two files of this run have this name; ingest the folder above both instead.")
                )
            else:
                sources[source.name] = source
    return Found(tuple(sources.values()), tuple(folders), tuple(failed))


def readable(path: Path) -> bool:
    """Whether the file's ending is one that can be read."""
    packed = path.suffix.lower() == ".gz"
    return _format(path) in (_PACKABLE if packed else _PACKABLE | CONVERTED)


def read_text(path: Path) -> str:
    """The text of a file: UTF-8 or UTF-16 with a mark, UTF-8 without, else Windows-1252; unpacked from `.gz`.

    Raises:
        UnreadableSource: it cannot be opened, is too large, or is not text.
    """
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            data = file.read(LARGEST_TEXT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableSource(f"It cannot be opened: {getattr(error, 'strerror', None) or error}.") from error
    if len(data) > LARGEST_TEXT:
        raise UnreadableSource(f"It is larger than {LARGEST_TEXT // 1024 // 1024} MiB; split it.")
    return _decoded(data)


def _decoded(data: bytes) -> str:
    marked = next((encoding for bom, encoding in _BOMS.items() if data.startswith(bom)), None)
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableSource("It is not a text in UTF-8, UTF-16 or Windows-1252.")


def _format(path: Path) -> str:
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix == ".gz" else suffix


def _name(file: Path, folder: Path) -> str:
    return str(PurePosixPath(folder.name, *file.relative_to(folder).parts))


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        # os.walk goes into what is left in this list, in this order.
        folders[:] = _shown(folders)
        for name in _shown(files):
            if readable(Path(name)):
                yield Path(root, name)


def _shown(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if not name.startswith((".", "~$")))
