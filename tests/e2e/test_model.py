"""With a model: what is written is streamed, cited and safe to show; what fails is said; approved answers need none."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.client import Shown
from bot.scripted_model import Line, ScriptedModel
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, ask, decisions, quiet, recorded, replies, rows, stays_quiet
from tests.e2e.conftest import Bot, labels, running_bot

pytestmark = pytest.mark.e2e

#: Near to documents, and answered by no approved answer; what stands in brackets chooses the model's line.
ASKED = "What happens in the first hour of an incident? ({})"
SENTENCE = "The incident lead opens a channel and keeps a log of what is done."
PINGS = "<!channel> and <@UUMA> and <!subteam^SADMINS> in <#CFINANCE> know [1]."
LONG = "\n\n".join(
    f"Point {word} of the long answer stands here for everybody to read [1]."
    for word in (f"{a}{b}{c}" for a in "abcdef" for b in "abcdef" for c in "abcdefgh")
)

SCRIPT = (
    Line(match=r"\(slowly\)", reply=f"{SENTENCE} [1] " * 6, word_delay=timedelta(milliseconds=25)),
    Line(match=r"\(uncited\)", reply=f"{SENTENCE} [1]\n\nThe moon is made of cheese.\n\nGnomes did it [9]."),
    Line(match=r"\(uncited only\)", reply="The moon is made of cheese."),
    Line(match=r"\(unknown\)", reply="NO_ANSWER"),
    Line(match=r"\(error\)", status=500),
    Line(match=r"\(busy\)", status=429),
    Line(match=r"\(silence\)", delay=timedelta(seconds=6)),
    Line(match=r"\(refusal\)", refuses=True),
    Line(match=r"\(broken\)", reply=f"{SENTENCE} [1] And then", breaks_after=15),
    Line(match=r"\(pings\)", reply=f"{SENTENCE} {PINGS}", word_delay=timedelta(milliseconds=20)),
    Line(match=r"\(long\)", reply=LONG),
    Line(match=r"\(aloud\)", reply=f"{SENTENCE} [1]\n\nAsk bob@example.com.", thinks="Uma wants the first hour."),
    Line(match=r"month-end", reply="I was asked of the month-end close. [1]"),
)

#: An approved answer that would ping everybody, and one that is longer than a message of Slack may be.
HOSTILE = {"question": "Who owns the <!here> bell?", "answer": "Ask <!channel> or <@U0UMA>, says <!everyone>."}
LONG_WORDS = [f"{a}{b}{c}" for a in "bcdfghjk" for b in "aeiou" for c in "rstv"]
LENGTHY = {
    "question": "What does the whole book of gnomes say?",
    "answer": "\n\n".join(
        f"The gnome named {word} " + "sleeps under the old apple tree at night." for word in LONG_WORDS
    ),
}


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    """A model that plays the script."""
    playing = ScriptedModel(SCRIPT)
    playing.start()
    yield playing
    playing.stop()


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory, model: ScriptedModel) -> Iterator[Bot]:
    """A bot that writes with the scripted model."""
    assert model._server is not None
    url = f"http://127.0.0.1:{model._server.server_address[1]}/v1"
    folder = tmp_path_factory.mktemp("model")
    prices = {"model_price_input": "2", "model_price_output": "8", "model_reports_usage": "true"}
    with running_bot(knowledge_folder, folder, model_base_url=url, model_timeout_seconds="1", **prices) as running:
        file = running.data_dir / "more.jsonl"
        file.write_text("\n".join(json.dumps(one) for one in (HOSTILE, LENGTHY)))
        done = running.command("ingest", str(file))
        assert done.returncode == 0, done.stderr
        yield running


# --- written answers ---


@pytest.mark.parametrize("place", ["channel", "direct"])
def test_a_written_answer_is_streamed_and_its_sources_are_numbered(bot: Bot, place: str) -> None:
    uma = bot.person("uma")
    channel = bot.channel("streamed") if place == "channel" else uma.direct
    question = uma.say(
        channel, f"@answerloop {ASKED.format('slowly')}" if place == "channel" else ASKED.format("slowly")
    )
    growing = uma.wait_for_message(question, lambda one: one.by_app and SENTENCE in one.text)
    assert "Helpful" not in labels(growing), "the answer was there at once"
    answer = uma.wait_for_message(question, lambda one: one.by_app and "Helpful" in labels(one))
    assert answer.ts == growing.ts
    assert re.search(r"\*Sources?\*\n\[1\] ", answer.text)
    assert "Written from the sources" in answer.text
    methods = [call["method"] for call in _calls_in(bot, question, answer) if "Stream" in call["method"]]
    assert methods[0] == "chat.startStream" and methods[-1] == "chat.stopStream"
    assert methods.count("chat.startStream") == methods.count("chat.stopStream") == 1
    assert methods.count("chat.appendStream") >= 2
    [decision] = decisions(bot, question)
    assert (decision["kind"], decision["rule"]) == ("generated", "written_from_evidence")
    assert decision["model"] and decision["prompt_hash"]
    assert len(replies(uma, question)) == 1


def test_a_thumb_that_is_quicker_than_the_end_of_the_answer_counts(bot: Bot) -> None:
    """Until it is finished the bot does not know its message as an answer."""
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("quick-thumbs")
    question = uma.say(channel, f"@answerloop {ASKED.format('slowly')}")
    growing = uma.wait_for_message(question, lambda one: one.by_app and SENTENCE in one.text)
    uma.react(growing, "thumbsup")
    sam.react(growing, "-1")
    sam.unreact(growing, "-1")
    uma.wait_for(lambda: rows(bot, "select 1 from early_thumbs where ts = ?", growing.ts))
    uma.wait_for_message(question, lambda one: one.by_app and "Helpful" in labels(one))
    [decision] = decisions(bot, question)
    votes = "select rating from votes where decision = ? and rating is not null"
    assert uma.wait_for(lambda: rows(bot, votes, decision["id"])) == [{"rating": "up"}]
    # It speaks for the answer as any other does.
    ada = bot.person("ada")
    ada.wait_for_message("C0REVIEW", lambda one: one.by_app and SENTENCE in one.text and "Approve" in labels(one))
    quiet(bot)
    assert not rows(bot, "select 1 from early_thumbs")
    assert not [one for one in sam.whispers(channel) if "tell me why" in one.text], "it was taken back"


def test_what_cites_nothing_is_never_shown(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("uncited")
    question, answer = ask(uma, channel, f"@answerloop {ASKED.format('uncited')}", holds="Written from")
    assert SENTENCE in answer.text
    for shown in (answer.text, *_said(bot, question, answer)):
        assert "cheese" not in shown and "Gnomes" not in shown


def test_the_record_tells_how_an_answer_was_written(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("aloud")
    question, answer = ask(uma, channel, f"@answerloop {ASKED.format('aloud')}", holds="Written from")
    [row] = decisions(bot, question)
    found = recorded(bot, row["id"])
    assert found.answer.startswith(SENTENCE) and found.answer in answer.text.replace("  ", " ")
    assert found.model.output.startswith(f"{SENTENCE} [1]") and "[EMAIL_" in found.model.output
    # What a model thinks aloud may name people, and records do not.
    assert re.fullmatch(r"\[PERSON_[0-9a-f]{12}\] wants the first hour\.", found.model.reasoning or "")
    assert found.model.finish_reason == "stop" and found.facts["withheld"] == 1
    read, written = found.model.tokens_in or 0, found.model.tokens_out or 0
    assert read > 100 and written > 10
    assert found.model.cost == pytest.approx((read * 2 + written * 8) / 1_000_000)
    assert found.versions.model and len(found.versions.prompt_hash) == 64 and found.versions.instructions == 0
    assert set(found.stages) == {"place", "search", "model"}
    assert timedelta() < found.stages["search"] < found.latency
    assert (found.action, found.rule) == ("thread", "written_from_evidence")
    assert any(item.used for item in found.evidence) and all(item.features for item in found.evidence)


def test_an_answer_that_cites_nothing_at_all_is_none(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("uncited-only")
    question, reply = ask(uma, channel, f"@answerloop {ASKED.format('uncited only')}")
    assert "could not back an answer" in reply.text
    assert "Get a human" in labels(reply)
    assert "cheese" not in "".join(_said(bot, question, reply))


@pytest.mark.parametrize(
    ("line", "said", "rule"),
    [
        ("unknown", "does not answer this", "model_does_not_know"),
        ("error", "not available right now", "model_failed"),
        ("busy", "not available right now", "model_failed"),
        ("silence", "took too long", "model_timed_out"),
        ("refusal", "declined", "model_refused"),
    ],
)
def test_a_model_that_gives_no_answer_is_not_covered_up(bot: Bot, line: str, said: str, rule: str) -> None:
    uma, channel = bot.person("uma"), bot.channel(f"model-{line}")
    question, reply = ask(uma, channel, f"@answerloop {ASKED.format(line)}")
    [decision] = decisions(bot, question)
    assert decision["rule"] == rule
    assert said in reply.text
    assert "Get a human" in labels(reply)


def test_an_answer_that_breaks_off_says_so_and_shows_no_half_sentence(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("broken")
    question, answer = ask(uma, channel, f"@answerloop {ASKED.format('broken')}", holds="cut off")
    assert SENTENCE in answer.text and "And then" not in answer.text
    [decision] = decisions(bot, question)
    assert (decision["kind"], decision["rule"]) == ("generated", "cut_off")
    assert len(replies(uma, question)) == 1


def test_an_answer_whose_question_is_deleted_while_it_is_written_goes(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("deleted-meanwhile")
    question = uma.say(channel, f"@answerloop {ASKED.format('slowly')}")
    growing = uma.wait_for_message(question, lambda one: one.by_app and SENTENCE in one.text)
    uma.delete(question)
    uma.wait_for(lambda: growing.ts not in [one.ts for one in uma.thread(question)])
    assert stays_quiet(bot, uma, question)


def test_a_written_answer_cannot_ping(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("pings")
    question, answer = ask(uma, channel, f"@answerloop {ASKED.format('pings')}", holds="Written from")
    assert "know" in answer.text, "the hostile sentence was to be shown, made harmless"
    said = _said(bot, question, answer)
    assert any("know" in one for one in said), "it was to be streamed too"
    for one in said:
        assert not re.search(r"<[!@#]", one), one


def test_a_long_written_answer_is_whole(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("long-written")
    question = uma.say(channel, f"@answerloop {ASKED.format('long')}")
    uma.wait_for_message(question, lambda one: one.by_app and "Helpful" in labels(one), seconds=30)
    whole = "\n".join(one.text for one in replies(uma, question))
    missing = [point for point in re.findall(r"Point (\w+)", LONG) if f"Point {point} " not in whole]
    assert not missing
    assert sum("Helpful" in labels(one) for one in replies(uma, question)) == 1


def test_the_model_is_given_the_thread(bot: Bot, model: ScriptedModel) -> None:
    uma, channel = bot.person("uma"), bot.channel("told")
    question, _ = ask(uma, channel, f"@answerloop {KNOWN}", holds=KNOWN_ANSWER)
    follow_up = uma.say(channel, ASKED.format("in the thread"), thread=question)
    uma.wait_for(lambda: len(replies(uma, question)) == 2)
    asked = [request for request in model.requests if "in the thread" in json.dumps(request)]
    assert asked and KNOWN in json.dumps(asked[-1]), "the question before was not given"
    assert decisions(bot, follow_up)


# --- no model needed ---


def test_an_approved_answer_is_one_post_and_no_model_call(bot: Bot, model: ScriptedModel) -> None:
    uma, channel = bot.person("uma"), bot.channel("verbatim")
    before = len(model.requests)
    question, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    assert len(model.requests) == before
    said = [call["method"] for call in _calls_in(bot, question, answer) if call["method"].startswith("chat.")]
    assert said == ["chat.postMessage"]
    [decision] = decisions(bot, question)
    assert (decision["kind"], decision["model"], decision["prompt_hash"]) == ("verbatim", "", "")


def test_an_approved_answer_cannot_ping(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("hostile")
    question, answer = ask(uma, channel, "@answerloop Who owns the bell?", holds="says")
    assert "everyone" in answer.text and "here" in answer.text, "it was to be shown, made harmless"
    for one in _said(bot, question, answer):
        assert not re.search(r"<[!@#]", one), one


def test_a_long_approved_answer_is_whole(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("lengthy")
    question = uma.say(channel, f"@answerloop {LENGTHY['question']}")
    last = uma.wait_for_message(question, lambda one: one.by_app and "Helpful" in labels(one))
    said = replies(uma, question)
    assert len(said) > 1 and said[-1].ts == last.ts
    whole = "\n".join(one.text for one in said)
    assert not [word for word in LONG_WORDS if f"named {word} " not in whole]
    [decision] = decisions(bot, question)
    uma.wait_for(lambda: rows(bot, "select ts from decision_posts where decision = ?", decision["id"]))
    uma.react(said[0], "thumbsup")
    votes = "select rating from votes where decision = ?"
    assert uma.wait_for(lambda: rows(bot, votes, decision["id"])) == [{"rating": "up"}], "votes on each part count"


def test_a_restricted_answer_is_given_to_no_model_that_writes_for_others(bot: Bot, model: ScriptedModel) -> None:
    sam, channel = bot.person("sam"), bot.channel("model-audience")
    ask(sam, channel, "@answerloop When does the month-end close take place?")
    asked = [json.dumps(request) for request in model.requests if "month-end" in json.dumps(request)]
    assert asked, "no model was asked, so this shows nothing"
    assert not [one for one in asked if "ledger closes" in one]


def test_an_approved_restricted_answer_goes_to_its_reader_before_a_model_writes_of_the_rest(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("model-direct")
    question, notice = ask(uma, channel, "@answerloop When does the month-end close take place?")
    assert stays_quiet(bot, uma, question, after=1)
    for one in _said(bot, question, notice):
        assert "ledger closes" not in one
    uma.wait_for_message(uma.direct, lambda one: one.by_app and "ledger closes" in one.text)


def _calls_in(bot: Bot, question: Shown, answer: Shown) -> list[dict[str, Any]]:
    """The Web API calls that wrote in a thread."""
    known = {question.ts, answer.ts}
    return [
        call
        for call in bot.workspace.calls()
        if call["args"].get("channel") == question.channel
        and ({call["args"].get("thread_ts"), call["args"].get("ts")} & known)
    ]


def _said(bot: Bot, question: Shown, answer: Shown) -> list[str]:
    """Every text that these calls carried."""
    return [json.dumps(call["args"], ensure_ascii=False) for call in _calls_in(bot, question, answer)]
