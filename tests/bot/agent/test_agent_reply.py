"""Which reply is chosen, without a model: approved words, parts of documents, or an honest no."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agent import Agent, AgentSettings, ReplyKind, Rule, Speaker, Turn
from kb.entries import Evidence
from kb.errors import EmptyQuestion, IndexUnavailable
from tests.bot.agent.parts import always, evidence, hit, passage, table

REFUNDS = hit("How long do refunds take?", "Refunds take **5 days**.", source="faq.csv")
PLANS = hit("Which plans are there?", "Free, Team and Business.")
EXPORT = hit("How do I export my data?", "Open *Settings* and choose Export.")
GUIDE = passage("Billing > Refunds", "Refunds for annual plans take longer.\n\nAsk billing.")
AGENT = Agent(AgentSettings(answer_threshold=0.8, offer_threshold=0.3, near_threshold=0.3))


def test_an_approved_answer_that_fits_is_given_word_for_word() -> None:
    reply = AGENT.answer("how long until my refund", [], always(0.8, REFUNDS, PLANS))
    assert (reply.kind, reply.rule) == (ReplyKind.VERBATIM, Rule.CONFIDENT)
    assert reply.text == "Refunds take **5 days**."
    [source] = reply.sources
    assert (source.number, source.entry, source.version) == (1, REFUNDS.entry.id, 3)
    assert (source.title, source.source, source.position) == ("How long do refunds take?", "faq.csv", "page 2")
    assert reply.answered
    assert reply.writing is None
    assert reply.evidence is not None
    assert reply.evidence.hits == (REFUNDS, PLANS)


def test_below_the_threshold_nothing_is_answered_and_the_nearest_questions_are_offered() -> None:
    reply = AGENT.answer("refund to another card", [], always(0.79, REFUNDS, GUIDE, PLANS, EXPORT, EXPORT))
    assert (reply.kind, reply.rule) == (ReplyKind.ABSTAINED, Rule.NOT_SURE)
    assert [near.question for near in reply.nearest] == [
        REFUNDS.entry.question,
        PLANS.entry.question,
        EXPORT.entry.question,
    ]
    assert REFUNDS.entry.answer not in reply.text
    assert not reply.answered


def test_below_the_offer_threshold_nothing_is_offered() -> None:
    reply = AGENT.answer("what is the meaning of life", [], always(0.29, REFUNDS, PLANS))
    assert (reply.kind, reply.rule, reply.nearest) == (ReplyKind.ABSTAINED, Rule.NOTHING_NEAR, ())


def test_an_empty_knowledge_base_gives_a_reason() -> None:
    reply = AGENT.answer("how do I export?", [], always(0.0))
    assert (reply.kind, reply.rule) == (ReplyKind.ABSTAINED, Rule.NOTHING_NEAR)
    assert reply.text


@pytest.mark.parametrize("confidence", [0.3, 0.79, 0.99])
def test_a_passage_is_offered_as_help_and_never_as_the_answer(confidence: float) -> None:
    reply = AGENT.answer("refund of an annual plan", [], always(confidence, GUIDE, REFUNDS))
    assert (reply.kind, reply.rule) == (ReplyKind.PASSAGES, Rule.MAY_HELP)
    assert "may help" in reply.text.splitlines()[0]
    assert "> Refunds for annual plans take longer.\n>\n> Ask billing." in reply.text
    assert [source.title for source in reply.sources] == ["Billing > Refunds"]
    assert [near.question for near in reply.nearest] == [REFUNDS.entry.question]
    assert not reply.answered


def test_without_a_model_every_word_is_the_knowledge_bases_or_ours() -> None:
    """Rule by rule: what is not one of the fixed texts stands in an entry."""
    from bot.agent.texts import MAY_HELP, WORDS

    fixed = {*WORDS.values()}
    for found in ([], [REFUNDS], [GUIDE], [GUIDE, REFUNDS], [PLANS, GUIDE]):
        for confidence in (0.0, 0.2, 0.5, 0.8, 1.0):
            text = AGENT.answer("how long for a refund", [], always(confidence, *found)).text
            known = "\n".join(f"{h.entry.question} {h.entry.answer}" for h in found)
            rest = [line.strip("> —") for line in text.replace(MAY_HELP, "").splitlines() if line.strip("> —")]
            assert text in fixed or all(line.removesuffix(" [1]") in known for line in rest)


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ("", Rule.EMPTY_QUESTION),
        ("   \n", Rule.EMPTY_QUESTION),
        ("?!", Rule.EMPTY_QUESTION),
        (":tada: 🎉", Rule.EMOJI_ONLY),
        ("why " * 10_000, Rule.TOO_LONG),
        ("hi", Rule.GREETING),
        ("thanks!", Rule.THANKS),
        ("can I talk to a human?", Rule.ASKED_FOR_PERSON),
    ],
)
def test_what_is_no_question_gets_one_clear_reply_and_no_search(message: str, rule: Rule) -> None:
    def search(question: str) -> Evidence:
        raise AssertionError("Nothing is searched for.")

    reply = AGENT.answer(message, [], search)
    assert (reply.kind, reply.rule, reply.evidence) == (ReplyKind.ABSTAINED, rule, None)
    assert reply.text[0].isupper()


@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=3), st.floats(0, 1))
def test_whatever_is_written_gets_a_reply_with_words_and_a_rule(
    message: str, before: list[str], confidence: float
) -> None:
    turns = [Turn(Speaker.USER, text) for text in before]
    reply = AGENT.answer(message, turns, always(confidence, REFUNDS, GUIDE))
    assert reply.text.strip()
    assert reply.rule in Rule
    assert (reply.kind is ReplyKind.ABSTAINED) or reply.sources


def test_a_message_that_is_too_long_is_told_both_lengths() -> None:
    assert "40,000 characters" in AGENT.answer("x" * 40_000, [], always(0.9, REFUNDS)).text


def test_a_question_in_another_language_is_told_so_where_nothing_is_near() -> None:
    reply = AGENT.answer("Wie kann ich mein Passwort zurücksetzen?", [], always(0.05, REFUNDS))
    assert reply.rule is Rule.OTHER_LANGUAGE
    assert "English" in reply.text


def test_a_question_in_another_language_is_answered_where_an_answer_is_known() -> None:
    german = hit("Wie kann ich mein Passwort ändern?", "Unter *Konto*.")
    assert AGENT.answer("Wie kann ich mein Passwort ändern?", [], always(0.95, german)).text == "Unter *Konto*."


def test_an_embedding_that_reads_other_languages_is_not_told_to_ask_in_english() -> None:
    agent = Agent(AgentSettings(english_only=False))
    assert agent.answer("Wie kann ich mein Passwort ändern?", [], always(0.0)).rule is Rule.NOTHING_NEAR


@pytest.mark.parametrize(
    ("error", "rule"),
    [(IndexUnavailable("away"), Rule.INDEX_UNAVAILABLE), (EmptyQuestion("no words"), Rule.EMPTY_QUESTION)],
)
def test_a_search_that_cannot_be_done_is_a_reason_and_not_silence(error: Exception, rule: Rule) -> None:
    def search(question: str) -> Evidence:
        raise error

    reply = AGENT.answer("how do I export?", [], search)
    assert (reply.kind, reply.rule) == (ReplyKind.ABSTAINED, rule)
    assert reply.text


def test_a_follow_up_is_answered_with_the_question_before_it() -> None:
    mobile = hit("How do I export on mobile?", "Tap Share.")
    search = table(
        {
            "on mobile?": evidence(0.1, PLANS),
            "on mobile? export data": evidence(0.9, mobile, EXPORT),
            "How do I export my data?": evidence(1.0, EXPORT),
        }
    )
    turns = [
        Turn(Speaker.USER, "hi"),
        Turn(Speaker.USER, "How do I export my data?"),
        Turn(Speaker.BOT, "Open Settings. How about plans?"),
        Turn(Speaker.USER, "thanks!"),
    ]
    reply = AGENT.answer("and on mobile?", turns, search)
    assert (reply.kind, reply.text) == (ReplyKind.VERBATIM, "Tap Share.")
    assert (reply.follow_up, reply.understood) == (True, "How do I export my data? and on mobile?")


def test_a_new_question_in_the_same_thread_stands_alone() -> None:
    search = table(
        {
            "Which plans are there?": evidence(0.9, PLANS),
            "Which plans are there? export data": evidence(0.95, EXPORT),
        }
    )
    reply = AGENT.answer("Which plans are there?", [Turn(Speaker.USER, "How do I export my data?")], search)
    assert (reply.follow_up, reply.understood, reply.text) == (False, "Which plans are there?", PLANS.entry.answer)


def test_the_agent_loads_no_model_client_until_a_model_is_asked_for() -> None:
    code = (
        "import sys, bot.agent, bot.models, bot.scripted_model\n"
        "assert bot.models.chat_model(name='m') is None\n"
        "heavy = {'langchain_openai', 'langchain_core', 'openai', 'httpx', 'torch', 'chromadb'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
