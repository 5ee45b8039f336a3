"""What files may look like, and what is said of those that cannot be read."""

import gzip
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from kb import documents
from kb.entries import EVERYONE, Audience, Draft, EntryKind
from kb.errors import UnreadableSource
from kb.file_changes import read
from kb.readings import Reading
from kb.sources import Source, find, read_text

FIXTURES = Path(__file__).parents[2] / "fixtures"


def reading(folder: Path, name: str, content: str | bytes) -> Reading:
    path = folder / name
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return read(Source(f"files/{name}", path))


def said(drafts: tuple[Draft, ...]) -> list[tuple[str, str]]:
    return [(draft.question, draft.answer) for draft in drafts]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_read_whatever_separates_its_cells(tmp_path: Path, delimiter: str) -> None:
    lines = [["Question", "Answer"], ["Where is it?", '"Here, there; or\n""everywhere"""'], ["When?", "Now"]]
    found = reading(tmp_path, "faq.csv", "\r\n".join(delimiter.join(cells) for cells in lines))
    assert said(found.drafts) == [("Where is it?", 'Here, there; or\n"everywhere"'), ("When?", "Now")]
    assert [draft.provenance.position for draft in found.drafts] == ["row 2", "row 3"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_is_read_in_the_encodings_that_spreadsheets_write(tmp_path: Path, encoding: str) -> None:
    found = reading(tmp_path, "faq.csv", "question;answer\nWo ist das Büro?;Gleich um die Ecke – 5 €".encode(encoding))
    assert said(found.drafts) == [("Wo ist das Büro?", "Gleich um die Ecke – 5 €")]


def test_further_columns_say_phrasings_readers_and_a_day(tmp_path: Path) -> None:
    text = (
        "review_by,question,answer,note,phrasings,audience\n"
        '2027-03-31,Q one?,A one,x,"Other one?|Third one? | Q one?","channel:C1, group:S2"\n'
        ",Q two?,A two,y,,everyone"
    )
    one, two = reading(tmp_path, "faq.csv", text).drafts
    assert (one.phrasings, one.review_by) == (("Other one?", "Third one?"), date(2027, 3, 31))
    assert one.audience == Audience(frozenset({"channel:C1", "group:S2"}))
    assert (two.phrasings, two.audience, two.review_by) == ((), EVERYONE, None)


@pytest.mark.parametrize("name", ["faq.jsonl", "faq.ndjson", "faq.jsonl.gz", "FAQ.JSONL"])
def test_json_lines_are_read_packed_or_not(tmp_path: Path, name: str) -> None:
    rows = [
        {"question": "Q1?", "answer": "A\u2028one", "phrasings": "P1?", "audience": ["channel:C1"]},
        {"question": "Q2?", "answer": "A2", "phrasings": ["P2?", "P3?"], "audience": None, "review_by": "2027-01-02"},
    ]
    one, two = reading(tmp_path, name, "".join(json.dumps(row, ensure_ascii=False) + "\n\n" for row in rows)).drafts
    assert (one.answer, one.phrasings, one.audience.refs) == ("A\u2028one", ("P1?",), {"channel:C1"})
    assert (two.phrasings, two.review_by, two.provenance.position) == (("P2?", "P3?"), date(2027, 1, 2), "row 3")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "It is not JSON."),
        ("[" * 5000, "It is not JSON."),
        ("[1]", "It is not an object with 'question' and 'answer'."),
        ('{"answer": "A"}', "It has no question."),
        ('{"question": "Q?", "answer": " :tada: "}', "It has no answer."),
        ('{"question": 5, "answer": "A"}', "Its question is not text."),
        ('{"question": "Q?", "answer": "A", "phrasings": [1]}', "Its phrasings are neither text nor a list of texts."),
        ('{"question": "Q?", "answer": "A", "audience": "finance"}', "'finance' is no audience; write for instance"),
        ('{"question": "Q?", "answer": "A", "review_by": "soon"}', "'soon' is no day; write it as 2027-03-31."),
        (json.dumps({"question": "Q" * 40_000, "answer": "A"}), "A wording has 40,000 characters; at most 1,000"),
        (json.dumps({"question": "Q?", "answer": "A" * 40_000}), "The answer has 40,000 characters; at most 12,000"),
        ('{"question": "fine  QUESTION", "answer": "B"}', "It asks the same question as row 1, which counts."),
    ],
)
def test_a_bad_row_is_named_with_its_reason_and_the_others_go_in(tmp_path: Path, row: str, reason: str) -> None:
    fine = '{"question": "Fine question?", "answer": "A"}'
    found = reading(tmp_path, "faq.jsonl", f'{fine}\n{row}\n{{"question": "Last?", "answer": "A"}}')
    assert [draft.question for draft in found.drafts] == ["Fine question?", "Last?"]
    ((notice),) = found.failed
    assert (notice.source, notice.position) == ("files/faq.jsonl", "row 2")
    assert notice.reason.startswith(reason)


def test_the_same_question_for_other_readers_is_no_duplicate(tmp_path: Path) -> None:
    text = 'question,answer,audience\nQ?,For all,\nQ?,For us,channel:C1\nQ?,"Too many",channel:C1\n'
    found = reading(tmp_path, "faq.csv", text)
    assert said(found.drafts) == [("Q?", "For all"), ("Q?", "For us")]
    assert [notice.position for notice in found.failed] == ["row 4"]


def test_a_cell_that_was_not_quoted_is_found_out(tmp_path: Path) -> None:
    found = reading(tmp_path, "faq.csv", "question,answer\nQ?,First, second\nR?,Fine")
    assert said(found.drafts) == [("R?", "Fine")]
    assert found.failed[0].reason == "It has 3 cells where the first row has 2; quote the text."


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "one,two\n1,2", "Its first row must name the columns"),
        ("a.csv", "", "Its first row must name the columns"),
        ("a.jsonl", '{"text": "a"}\n{"text": "b"}', "None of its 2 rows can be read; row 1: It has no question."),
        ("a.md", b"\x00\x01\x02PK", "It is not a text in"),
        ("a.md", "---\naudience: finance\n---\n# T\n\nText.", "Its first lines are wrong: 'finance' is no audience"),
        ("a.md", "\n\n", "It holds no text"),
        ("a.pdf", "this is no PDF", "It is broken, or something else than its name says."),
        ("a.docx", "this is no DOCX", "It is broken, or something else than its name says."),
        ("a.html", "<html><body></body></html>", "It holds no text"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, content: str | bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason.replace("(", r"\(")):
        reading(tmp_path, name, content)


def test_a_truncated_archive_says_why(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"question": "Q?", "answer": "A"}\n' * 1000)
    for number, data in enumerate((packed[:30], b"no gzip at all", packed[:-200] + b"x" * 200)):
        path = tmp_path / f"{number}.jsonl.gz"
        path.write_bytes(data)
        with pytest.raises(UnreadableSource, match="It cannot be opened"):
            read_text(path)


def test_characters_that_no_database_takes_are_left_out(tmp_path: Path) -> None:
    found = reading(
        tmp_path, "faq.jsonl", '{"question": "What\\u0000 is\\ud800 it?", "answer": "Thi\\u0007s\\r\\none"}'
    )
    assert said(found.drafts) == [("What is it?", "This\none")]
    found.drafts[0].question.encode()


def test_a_document_says_its_title_readers_and_day_in_its_first_lines(tmp_path: Path) -> None:
    text = '---\ntitle: "Money"\naudience: channel:C1, channel:C2\nreview_by: 2027-01-01\n---\n# Closing\n\nAt six.\n'
    (only,) = reading(tmp_path, "closing.md", text).drafts
    assert (only.question, only.answer, only.kind) == ("Money > Closing", "At six.", EntryKind.PASSAGE)
    assert only.audience.refs == {"channel:C1", "channel:C2"}
    assert only.review_by == date(2027, 1, 1)


def test_a_document_without_a_title_is_called_after_its_file(tmp_path: Path) -> None:
    (only,) = reading(tmp_path, "opening-hours_2027.txt", "From nine to five.").drafts
    assert only.question == "Opening hours 2027"
    assert only.provenance.position == "Opening hours 2027"


@pytest.mark.parametrize(
    ("name", "question", "position", "words"),
    [
        (
            "travel-policy.md",
            "Travel policy > Carbon budget",
            "Carbon budget",
            "Flights inside the country count twice.",
        ),
        ("brand-voice.html", "How Lumen sounds > Numbers and units", "Numbers and units", "24-hour clock"),
        (
            "goals-and-feedback.docx",
            "Goals and feedback: guide to the yearly talks > The review in November",
            "The review in November",
            "| Result | Meaning | What follows |\n| --- | --- | --- |\n| Radiant |",
        ),
        (
            "laboratory-emergency-plan.pdf",
            "Emergency plan of the Mill laboratories > Electric accidents",
            "page 1, Electric accidents",
            "from the first-aid cupboard until the electrical engineer has tested it",
        ),
        (
            "laboratory-emergency-plan.pdf",
            "Emergency plan of the Mill laboratories > Power failure",
            "page 2, Power failure",
            "The emergency lights last for one hour.",
        ),
    ],
)
def test_every_format_gives_passages_with_heading_path_and_position(
    name: str, question: str, position: str, words: str
) -> None:
    found = read(Source(f"documents/{name}", FIXTURES / "documents" / name)).drafts
    matching = [draft for draft in found if draft.provenance.position == position]
    assert [draft.question for draft in matching] == [question]
    assert words in matching[0].answer
    assert "window.visits" not in " ".join(draft.answer for draft in found)


def test_running_headers_of_a_pdf_are_left_out_and_printers_hyphens_undone() -> None:
    animals = ("horse", "otter", "heron", "crab")
    pages = [f"Lumen & Co, {n}\n\nThere is a hyphen-\nated {animals[n]} here, a {animals[n]}." for n in range(4)]
    found = documents._with_headings("\f".join(pages))
    assert "Lumen & Co" not in found
    assert "There is a hyphenated heron here" in found


def test_folders_are_searched_whole_and_hidden_files_left_out(tmp_path: Path) -> None:
    top = tmp_path / "handbook"
    for name in ("b.md", "sub/a.csv", "sub/a.jsonl.gz", ".hidden.md", ".git/c.md", "sub/~$d.docx", "picture.png"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("x")
    found = find([top, top / "sub", top / "b.md"])
    assert [source.name for source in found.sources] == [
        "handbook/b.md",
        "handbook/sub/a.csv",
        "handbook/sub/a.jsonl.gz",
    ]
    assert found.folders == ("handbook", "sub")
    assert not found.failed


def test_no_name_gives_away_where_the_file_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "a.md").write_text("x")
    monkeypatch.chdir(tmp_path / "desk")
    names = {source.name for path in (Path(), Path("a.md"), tmp_path / "desk") for source in find([path]).sources}
    assert names == {"desk/a.md"}


def test_paths_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.xlsx").write_text("x")
    found = find([tmp_path / "empty", tmp_path / "a.xlsx", tmp_path / "gone.md"])
    assert [(notice.source, notice.reason.split(":")[0].split(" files")[0]) for notice in found.failed] == [
        ("empty", "The folder holds no CSV, JSON lines, Markdown, HTML, PDF and DOCX"),
        ("a.xlsx", "It is none of the formats that can be read"),
        ("gone.md", "No such file."),
    ]
    assert not found.folders


def test_two_files_of_one_name_are_not_mixed_up(tmp_path: Path) -> None:
    for side in ("left", "right"):
        (tmp_path / side / "docs").mkdir(parents=True)
        (tmp_path / side / "docs" / "a.md").write_text(side)
    found = find([tmp_path / "left" / "docs", tmp_path / "right" / "docs"])
    assert [source.name for source in found.sources] == ["docs/a.md"]
    assert found.failed[0].reason.startswith("Two files of this run have this name")


def test_a_docx_with_a_broken_part_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as file:
        file.writestr("word/document.xml", "<w:document")
    with pytest.raises(UnreadableSource):
        read(Source("files/a.docx", tmp_path / "a.docx"))
