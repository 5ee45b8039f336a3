"""Nothing is put off: no marker of unfinished work stands in what is shipped; the fictional company is as promised."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: Written backwards, so that this file is no finding.
BACKWARDS = ("ODOT", "EMXIF", "rorrEdetnemelpmItoN", "buts", "sbuts")
MARKERS = re.compile(r"\b(" + "|".join(one[::-1] for one in BACKWARDS) + r"|X{3})\b")
SOURCES = ("*.py", "*.js", "*.css", "*.html", "*.toml")


def test_no_marker_of_unfinished_work_stands_anywhere() -> None:
    folders = [ROOT / name for name in ("bot", "kb", "learning", "tests")]
    files = [path for folder in folders for kind in SOURCES for path in folder.rglob(kind)]
    assert len(files) > 300
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if MARKERS.search(line)
    ]
    assert found == []


def test_the_fictional_company_is_as_large_as_promised() -> None:
    def lines(name: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in (ROOT / "fixtures" / name).read_text(encoding="utf-8").splitlines()]

    known, talks = lines("knowledge.jsonl"), lines("conversations.jsonl")
    assert len({one["question"] for one in known}) >= 80 and all(one["answer"] for one in known)
    assert len(list((ROOT / "fixtures" / "documents").glob("*.md"))) >= 10
    assert len(talks) >= 30
    assert all({"asker", "staff"} <= {turn["who"] for turn in one["turns"]} for one in talks)  # type: ignore[attr-defined]
