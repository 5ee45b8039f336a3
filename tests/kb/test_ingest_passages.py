"""How documents are cut: by headings, then by length, whole sentences, and the same cuts after an insertion."""

import random

from kb.passages import LONGEST, Passage, passages


def cut(markdown: str) -> list[tuple[tuple[str, ...], str]]:
    return [(each.headings, each.text) for each in passages(markdown)]


def paragraphs(count: int, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    lengths = [chance.randint(15, 70) for _ in range(count)]
    return [" ".join(f"word{chance.randint(0, 5000)}" for _ in range(n)) + "." for n in lengths]


def test_each_section_is_a_passage_under_its_heading_path() -> None:
    lines = ("Before all.", "# Guide", "Intro here.", "## Part *one*", "One.", "### Deep", "Deep text.")
    text = "\n\n".join((*lines, "## Part two ##", "Two."))
    assert cut(text) == [
        ((), "Before all."),
        (("Guide",), "Intro here."),
        (("Guide", "Part one"), "One."),
        (("Guide", "Part one", "Deep"), "Deep text."),
        (("Guide", "Part two"), "Two."),
    ]


def test_underlined_headings_count_and_rules_do_not() -> None:
    text = "Guide\n=====\n\nSome text.\n\nPart\n----\n\nFirst line\nof two.\n\n---\n\nAfter the rule."
    assert cut(text) == [(("Guide",), "Some text."), (("Guide", "Part"), "First line of two.\n\nAfter the rule.")]


def test_a_hash_inside_a_code_block_is_no_heading() -> None:
    (only,) = passages("# Setup\n\nRun this:\n\n```\n# a comment\n\nmake it\n```\n\nDone.")
    assert only.headings == ("Setup",)
    assert only.text == "Run this:\n\n```\n# a comment\n\nmake it\n```\n\nDone."


def test_wrapped_lines_are_joined_and_lists_and_tables_keep_their_lines() -> None:
    text = "One\ntwo.\n\n- first\n  goes on\n- second\n  - below\n- third\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
    ((_, found),) = cut(text)
    assert found == "One two.\n\n- first goes on\n- second\n  - below\n- third\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_a_long_section_is_cut_at_paragraphs_and_no_word_is_lost() -> None:
    text = paragraphs(40)
    found = passages("# Long\n\n" + "\n\n".join(text))
    assert len(found) > 5
    assert [each.part for each in found] == list(range(1, len(found) + 1))
    assert all(len(each.text.split()) <= LONGEST for each in found)
    assert "\n\n".join(each.text for each in found) == "\n\n".join(text)


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    sentences = paragraphs(20, seed=2)
    found = passages(" ".join(sentence.replace("word", "Word", 1) for sentence in sentences))
    assert len(found) > 2
    assert all(each.text.endswith(".") and len(each.text.split()) <= LONGEST for each in found)


def test_a_sentence_without_an_end_is_cut_all_the_same() -> None:
    found = passages("word " * 1000)
    assert [len(each.text.split()) for each in found] == [LONGEST] * 5


def test_a_long_table_is_cut_between_rows_and_each_piece_has_the_head() -> None:
    rows = [f"| item {n} | it is kept on shelf number {n} in the cellar |" for n in range(60)]
    found = passages("\n".join(["| what | where |", "| --- | --- |", *rows]))
    assert len(found) > 1
    assert all(each.text.startswith("| what | where |\n| --- | --- |\n| item") for each in found)
    assert [line for each in found for line in each.text.split("\n")[2:] if "item" in line] == rows


def test_an_empty_table_head_from_a_converter_gives_way_to_the_first_row() -> None:
    ((_, found),) = cut("|  |  |\n| --- | --- |\n| Result | Meaning |\n| Bright | good |")
    assert found == "| Result | Meaning |\n| --- | --- |\n| Bright | good |"


def test_an_inserted_paragraph_changes_the_passages_around_it_and_leaves_the_rest_as_they_are() -> None:
    text = paragraphs(120, seed=3)
    before = {each.text for each in passages("\n\n".join(text))}
    changed = [*text[:2], "An inserted paragraph of a few words.", *text[2:]]
    after = {each.text for each in passages("\n\n".join(changed))}
    assert len(before) > 20
    assert len(before - after) <= 6


def test_pages_are_counted_by_form_feeds() -> None:
    found = passages("# One\n\nFirst.\f\n# Two\n\nSecond.\n\f# Three\n\nThird.")
    assert [(each.headings[-1], each.page) for each in found] == [("One", 1), ("Two", 2), ("Three", 3)]


def test_what_has_no_words_is_no_passage() -> None:
    assert passages("# Title\n\n***\n\n<!-- a note -->\n\n![](picture.png)\n\n!!!") == ()


def test_comments_and_pictures_leave_only_their_text() -> None:
    assert passages("See ![the red button](data:image/png;base64,AAAA) here.<!-- hidden -->") == (
        Passage((), 1, 1, "See the red button here.", 1),
    )
