"""Text to Slack can ping nobody and hides no link; text from Slack becomes plain; long text is never cut off."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.slack.text import clip, escape, plain, safe_markdown, split, to_markdown, to_mrkdwn
from tests.bot.slack.slack_limits import check_mrkdwn

#: Text rich in what has a meaning to Markdown or to Slack.
PIECES = st.sampled_from(
    [
        "<!channel>", "<!here>", "<@U0ADA>", "<#C0HELP>", "<!subteam^S1>", "<https://a.example|b>", "&", "<", ">", "|",
        "[", "](", ")", "https://a.example/x?y=1&z=2", "*", "**", "_", "~~", "`", "```", "\n", "\n\n", "- ", "1. ",
        "> ", "# ", "|a|b|\n|-|-|\n", "![x](", "&lt;", "&amp;", "\\", " ", "word", "javascript:", "mailto:a@b.example",
        "<script>", "\u202e", "é", "👩‍👩‍👧",
    ]
)  # fmt: skip
MARKDOWN = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200)
WRITTEN_BY_US = re.compile(r"<(https?://[^\s<>|]+|mailto:[^\s<>|]+)(\|[^<>|]*)?>")


@given(MARKDOWN)
@settings(max_examples=400, deadline=None)
def test_no_markdown_becomes_a_mention_or_a_broken_token(markdown: str) -> None:
    shown = to_mrkdwn(markdown)
    check_mrkdwn(shown)
    assert "<@" not in shown
    assert "<!" not in shown
    assert "<#" not in shown


@given(st.text())
def test_what_is_escaped_is_read_back_as_it_was(text: str) -> None:
    assert "<" not in escape(text)
    assert ">" not in escape(text)
    assert plain(escape(text)) == re.sub(r"[^\S\n]+", " ", text).strip()


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("**bold** and *italic* and ~~gone~~", "*bold* and _italic_ and ~gone~"),
        ("# Heading & more", "*Heading &amp; more*"),
        ("- one\n- two\n  - three", "• one\n• two\n    • three"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("> quoted\n> twice", "> quoted\n> twice"),
        ("`a<b`", "`a&lt;b`"),
        ("```python\nif a < b:\n```", "```\nif a &lt; b:\n```"),
        ("| a | b |\n|---|---|\n| 1 | 2222 |", "```\na  b\n-  ----\n1  2222\n```"),
        ("[billing](https://lumen.example/b?x=1&y=2)", "<https://lumen.example/b?x=1&amp;y=2|billing>"),
        ("[a|b >c\nd](https://a.example/|x)", "<https://a.example/%7Cx|a¦b &gt;c d>"),
        ("see https://lumen.example/b.", "see <https://lumen.example/b>."),
        ("<mailto:a@b.example>", "<mailto:a@b.example|a@b.example>"),
        ("one\ntwo", "one\ntwo"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("<!channel> & <@U0ADA>", "&lt;!channel&gt; &amp; &lt;@U0ADA&gt;"),
        ("<b>raw</b>", "&lt;b&gt;raw&lt;/b&gt;"),
        ("[click](javascript:alert(1))", "[click](javascript:alert(1))"),
        ("", ""),
    ],
)
def test_markdown_is_shown_as_slack_writes_it(markdown: str, mrkdwn: str) -> None:
    assert to_mrkdwn(markdown) == mrkdwn


@pytest.mark.parametrize("label", ["https://bank.example", "bank.example", "www.bank.example/login", "me@bank.example"])
def test_a_link_that_names_another_address_shows_where_it_leads(label: str) -> None:
    shown = to_mrkdwn(f"[{label}](https://evil.example/x)")
    assert "<https://evil.example/x>" in shown
    assert f"|{label}>" not in shown


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("<@U0BOT> how do I reset?", "how do I reset?"),
        ("<@U0BOT|answerloop>   how\n do I", "how\n do I"),
        ("ask <@U0SAM> or <@U0ADA|ada>", "ask @someone or @ada"),
        ("in <#C0HELP|help> or <#C1>", "in #help or a channel"),
        ("<!here> <!subteam^S1|@support>", "@here @support"),
        ("<!date^1^{date}|tomorrow>", "tomorrow"),
        ("see <https://a.example|the page> or <https://b.example>", "see the page or https://b.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("  ", ""),
    ],
)
def test_what_a_person_wrote_becomes_a_plain_question(said: str, question: str) -> None:
    assert plain(said, "U0BOT") == question


@pytest.mark.parametrize(
    ("said", "markdown"),
    [
        ("*bold* ~gone~ _it_", "**bold** ~~gone~~ _it_"),
        ("2*3*4 and a~b~c", "2*3*4 and a~b~c"),
        ("• one\n• two", "- one\n- two"),
        ("<https://a.example|page> <https://b.example>", "[page](https://a.example) https://b.example"),
        ("ask <@U0SAM>", "ask @Sam"),
        ("ask <@U0ADA>", "ask @someone"),
        ("```a *b* &lt;```", "```\na *b* <\n```"),
    ],
)
def test_what_staff_wrote_becomes_markdown(said: str, markdown: str) -> None:
    assert to_markdown(said, {"U0SAM": "Sam"}) == markdown


def test_streamed_markdown_holds_no_mention() -> None:
    streamed = safe_markdown("<!channel> <@U0ADA> <#C0HELP> a<b <https://a.example>")
    assert not re.search(r"<[!@#]", streamed)
    assert streamed.replace("\u2060", "") == "<!channel> <@U0ADA> <#C0HELP> a<b <https://a.example>"


@given(MARKDOWN, st.integers(40, 400))
@example("><!channel>```<!channel>", 90)
@example("[<!channel>\n<!channel>](<https://a.example|b>)", 40)
@settings(max_examples=400, deadline=None)
def test_splitting_loses_nothing_and_cuts_no_token(markdown: str, limit: int) -> None:
    text = to_mrkdwn(markdown * 5)
    longest = max((len(match[0]) for match in re.finditer(r"<[^<>]*>|`+", text)), default=0)
    parts = split(text, limit + longest)
    for part in parts:
        assert len(part) <= limit + longest
        assert part.strip()
        check_mrkdwn(part)
    assert "".join(bare(part) for part in parts) == bare(text)


def bare(text: str) -> str:
    """The text without blanks and code fences, which a cut may add or take away."""
    return re.sub(r"\s|```", "", text)


def test_a_long_answer_is_cut_between_paragraphs_then_sentences_then_words() -> None:
    paragraphs = "\n\n".join(["A sentence here. Another one there."] * 4)
    assert split(paragraphs, 80) == (paragraphs[:72].strip(), paragraphs[74:].strip())
    sentences = "A sentence here. " * 8
    assert all(part.endswith(".") for part in split(sentences, 60))
    assert split("word " * 30, 50)[0] == ("word " * 8).strip()
    assert split("x" * 100, 46) == ("x" * 40, "x" * 40, "x" * 20)
    assert split("   ") == ()


@pytest.mark.parametrize("before", range(0, 60, 3))
def test_a_link_is_not_cut_at_the_blanks_of_its_label(before: int) -> None:
    link = "<https://a.example|two or three words>"
    assert any(link in part for part in split("w " * before + link + " end" * 30, 80))


def test_code_that_is_cut_is_closed_and_opened_again() -> None:
    parts = split("```\n" + "code line\n" * 50 + "```", 120)
    assert len(parts) > 3
    assert all(part.startswith("```") and part.endswith("```") for part in parts)


def test_a_label_is_cut_at_a_word() -> None:
    assert clip("How do I reset my password?", 20) == "How do I reset my…"
    assert clip("short", 20) == "short"
    assert clip("x" * 30, 20) == "x" * 19 + "…"
