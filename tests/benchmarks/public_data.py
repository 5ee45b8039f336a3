"""The public question sets, read from the folder that `--data` names."""

import gzip
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of `name`.jsonl.gz."""
    path = folder / f"{name}.jsonl.gz"
    if not path.is_file():
        raise SystemExit(f"{path} is not there; --data must name the folder of public question sets.")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def by_intent(folder: Path, name: str) -> Mapping[str, list[str]]:
    """The different texts of each intent, in the order of the file."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in rows(folder, name):
        found[row["intent"]][row["text"]] = None
    return {intent: list(texts) for intent, texts in found.items()}
