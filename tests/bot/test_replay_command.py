"""`answerloop replay`: the real agent decides recorded questions again, and nothing else happens."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot import assembly
from bot.cli.app import app
from bot.database import opened
from bot.errors import BotError, Misconfigured, Unusable
from bot.kept import program
from bot.replay import Setup
from bot.replay.setup import prompt_of
from bot.replay.workplace import workplace
from bot.scripted_model import Line, ScriptedModel
from bot.settings import alone
from kb.clock import utc_now
from kb.errors import NotRebuilt, ReadOnly
from kb.ids import new_ulid
from learning import recorder
from learning.conversations import Place
from learning.errors import NotUnderstood, Unknown
from learning.recorder import AnswerDecision, DecisionKind, ModelUse, Tool, ToolCall, Versions
from learning.redaction import redactor_for
from learning.replay import ReplayIsDry
from tests.bot.desk_world import WORKSPACE
from tests.bot.replay_world import (
    INCIDENT,
    KNOWN,
    SECRET_ANSWER,
    THEN,
    Past,
    copy_of,
    make_past,
    multiplied,
)

ALL = ("known", "written", "unknown", "follow-up", "greeting", "person", "details", "inside", "outside", "again")


@pytest.fixture(scope="module")
def first(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Past:
    return make_past(knowledge_folder, tmp_path_factory.mktemp("past") / "data")


@pytest.fixture
def past(first: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Past:
    """A copy of the past, and an environment in which commands find it."""
    monkeypatch.chdir(tmp_path)
    made = copy_of(first, tmp_path / "data")
    monkeypatch.setenv("ANSWERLOOP_DATA_DIR", str(made.folder))
    return made


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedModel]:
    """A model that says what the recorded one said, until its script is changed."""
    playing = ScriptedModel(THEN)
    monkeypatch.setenv("ANSWERLOOP_MODEL_BASE_URL", playing.start())
    monkeypatch.setenv("ANSWERLOOP_MODEL_REPORTS_USAGE", "true")
    monkeypatch.setenv("ANSWERLOOP_MODEL_TIMEOUT_SECONDS", "1")
    yield playing
    playing.stop()


def run(*arguments: str, status: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["replay", *arguments, "--yes", "--json"], catch_exceptions=False)
    assert done.exit_code == status, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def cases(past: Past, found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The cases by the name of their decision."""
    names = {decision: name for name, decision in past.decisions.items()}
    return {names[one["decision"]]: one for one in found["cases"]}


def rows(past: Past, statement: str) -> list[Any]:
    with closing(sqlite3.connect(past.folder / "answerloop.db")) as database:
        return database.execute(statement).fetchall()


def everything_else(past: Past) -> dict[str, list[Any]]:
    """Every row of every table but those of replays."""
    tables = [name for (name,) in rows(past, "select name from sqlite_master where type = 'table'")]
    return {table: rows(past, f'select * from "{table}"') for table in tables if not table.startswith("replay_")}


# --- the same again ---


@pytest.mark.parametrize("knowledge", ["recorded", "now"])
def test_what_is_decided_in_the_same_way_comes_to_the_same(past: Past, model: ScriptedModel, knowledge: str) -> None:
    before = everything_else(past)
    found = run("--decisions", past.ids(*ALL), "--model", "then", "--kb-version", knowledge)
    verdict = found["verdict"]
    assert found["passed"] and verdict["complete"] and verdict["pairs"] == len(ALL)
    changed = {
        name: one["difference"]["rules"]
        for name, one in cases(past, found).items()
        if not one["difference"]["same_words"]
    }
    assert changed == {}
    assert verdict["agrees"]["estimate"] == 1.0 and verdict["intents"] == []
    intents = {name: one["difference"]["intents"] for name, one in cases(past, found).items()}
    assert intents["follow-up"] == ["follow-up"] * 2 and intents["person"] == ["a person"] * 2
    assert (
        intents["again"] == ["another answer"] * 2
        and intents["greeting"] == ["greeting"] * 2
        and intents["known"] == ["question"] * 2
    )
    kinds = {name: one["difference"]["kinds"][1] for name, one in cases(past, found).items()}
    assert (kinds["known"], kinds["written"], kinds["unknown"]) == ("verbatim", "generated", "abstained")
    assert everything_else(past) == before, "a replay has changed something"


def test_a_restricted_answer_stays_with_those_who_were_shown_it(past: Past, model: ScriptedModel) -> None:
    found = cases(past, run("--decisions", past.ids("inside", "outside"), "--model", "then", "--kb-version", "now"))
    assert found["inside"]["after"] == SECRET_ANSWER
    assert SECRET_ANSWER not in found["outside"]["after"] and found["outside"]["difference"]["hazards"] == [[], []]


# --- what is different ---


def test_another_model_is_compared_pair_by_pair(past: Past, model: ScriptedModel) -> None:
    model.lines = (
        Line(match="hour", reply="Nobody keeps a log [1]."),
        Line(match="books", reply="The finance team closes them [1]."),
    )
    found = run("--decisions", past.ids("known", "written", "unknown"), "--model", "now")
    told = cases(past, found)
    assert told["known"]["difference"]["same_words"]
    written = told["written"]["difference"]
    assert (written["answered"], written["same_text"], written["agrees"]) == ("both", False, False)
    assert written["agreement"] is not None and told["written"]["after"].startswith("Nobody keeps a log")
    assert told["unknown"]["difference"]["answered"] == "gained"
    [answered] = [one for one in found["verdict"]["paired"] if one["name"] == "answered"]
    assert (answered["pairs"], answered["gained"], answered["lost"], answered["mcnemar_exact_p"]) == (3, 1, 0, 1.0)
    assert {one["model"] for one in model.requests} == {"now"} and found["verdict"]["tokens_in"] > 100


def test_other_instructions_are_what_the_model_is_told(past: Past, model: ScriptedModel, tmp_path: Path) -> None:
    (tmp_path / "prompt.txt").write_text("Answer like a pirate, and cite [1].\n")
    found = run("--decisions", past.ids("written"), "--model", "then", "--instructions", "prompt.txt")
    [request] = model.requests
    assert request["messages"][0]["content"] == "Answer like a pirate, and cite [1]."
    assert len(found["setup"]["prompt"]) == 64
    assert b"pirate" not in (past.folder / "answerloop.db").read_bytes(), "the operator's text stands in clear"


def test_another_threshold_answers_less(past: Past, model: ScriptedModel) -> None:
    found = run("--decisions", past.ids("known", "greeting"), "--model", "none", "--answer-threshold", "1.0")
    told = cases(past, found)
    assert told["known"]["difference"]["answered"] == "lost" and told["greeting"]["difference"]["same_words"]
    assert model.requests == [], "a model was asked where none was to be"


def test_another_version_of_the_knowledge_base_is_searched_as_it_stood(past: Past, model: ScriptedModel) -> None:
    settings = alone(data_dir=past.folder)
    with assembly.store(settings) as opened_store:
        knowledge = opened_store.knowledge
        with opened_store.sessions.begin() as session:
            entry = next(one for one in knowledge.entries(session, WORKSPACE) if one.question == KNOWN)
            draft = replace(entry.content, answer="Ask the parrot.")
            knowledge.revise(session, WORKSPACE, entry.id, draft, by="ada")
            knowledge.stop(session, WORKSPACE, entry.id, by="ada")
    version = past.version
    then, between, now = (
        cases(past, run("--decisions", past.ids("known"), "--model", "none", "--kb-version", typed, status=status))
        for typed, status in ((str(version), 0), (str(version + 1), 0), ("now", 0))
    )
    assert then["known"]["difference"]["same_words"]
    assert between["known"]["after"] == "Ask the parrot." and not between["known"]["difference"]["agrees"]
    assert now["known"]["difference"]["answered"] == "lost"
    # It was said then, and was taken back since: unsafe on both sides, or not any more.
    assert then["known"]["difference"]["safety"] == "unsafe" and now["known"]["difference"]["safety"] == "became_safe"
    with pytest.raises(NotRebuilt, match="there is no version 99999"):
        run("--decisions", past.ids("known"), "--kb-version", "99999")


def test_what_became_unsafe_is_told_by_itself_and_is_no_pass(past: Past, model: ScriptedModel) -> None:
    model.lines = (Line(match="hour", reply="Dear @everyone, the lead keeps a log [1]."), *THEN)
    typed = ("--decisions", past.ids("written", "known"), "--model", "then")
    found = run(*typed, status=1)
    assert found["verdict"]["safety"]["became_unsafe"] == [past.decisions["written"]]
    shown = CliRunner().invoke(app, ["replay", "--resume", found["run"]]).stdout
    assert f"Became unsafe: 1: {past.decisions['written']}" in shown and "one without is no pass" in shown


def test_details_survive_on_neither_side(past: Past, model: ScriptedModel) -> None:
    model.lines = (Line(reply="Write to petra@kraut.example or +49 30 901820 [1]."),)
    found = run(
        "--decisions",
        past.ids("details", "written"),
        "--model",
        "then",
        "--answer-threshold",
        "1.0",
        "--kb-version",
        "now",
    )
    kept = json.dumps(found) + repr(rows(past, "select * from replay_cases"))
    assert "kraut.example" not in kept and "901820" not in kept
    asked = json.dumps(model.requests)
    assert "kraut.example" not in asked.replace("[1]", ""), "the model was told what the record does not hold"


# --- dry ---


def test_whatever_has_an_effect_is_not_there_and_what_writes_is_refused(past: Past, model: ScriptedModel) -> None:
    settings = alone(data_dir=past.folder, model_base_url="http://127.0.0.1:9/v1")
    before = everything_else(past)
    with opened(settings) as database:
        with database.sessions() as session:
            recorded = recorder.one(session, WORKSPACE, past.decisions["known"], vault=database.vault)
        setup = Setup(model="then", knowledge=past.version, calibration=0, prompt=prompt_of(""), code=program())
        with workplace(settings, database, WORKSPACE, setup, "") as made:
            services: Any = made.services
            for reach in (
                lambda: services.client.chat_postMessage(channel="C0HELP", text="hello"),
                lambda: services.delivery.post(WORKSPACE, "key", "C0HELP", "hello"),
                lambda: services.work.enqueue(None, "answer", "id", WORKSPACE, lane="x"),
                lambda: services.tools.run("charge"),
                lambda: services.vault.encrypt("words"),
                lambda: services.replays.begin([], setup={}),
            ):
                with pytest.raises(ReplayIsDry, match="it posts nothing, runs no tool and writes nothing"):
                    reach()
            with pytest.raises(ReadOnly), services.sessions.begin() as session:
                again = replace(recorded.decision, ts="again")
                kept = {"redactor": services.redactor, "vault": database.vault, "now": recorded.at, "ids": lambda: "1"}
                recorder.record(session, WORKSPACE, again, **kept)
            entry = services.knowledge.search(WORKSPACE, KNOWN).best.entry
            with pytest.raises(ReadOnly), services.sessions.begin() as session:
                services.knowledge.stop(session, WORKSPACE, entry.id, by="ada")
            with pytest.raises(ReadOnly), services.knowledge._sessions.begin() as session:
                services.knowledge.stop(session, WORKSPACE, entry.id, by="ada")
            with pytest.raises(ReadOnly):
                services.knowledge.rebuild(WORKSPACE)
            assert made.replayer(recorded).after.answer == recorded.decision.answer
    assert everything_else(past) == before


# --- what goes wrong ---


def test_a_model_that_refuses_is_a_pair_and_one_that_fails_is_none(past: Past, model: ScriptedModel) -> None:
    model.lines = (Line(match="hour", refuses=True), Line(match="books", delay=timedelta(seconds=3)))
    found = run("--decisions", past.ids("known", "written", "unknown"), "--model", "then", status=1)
    told = cases(past, found)
    assert told["written"]["difference"]["rules"][1] == "model_refused"
    assert told["written"]["difference"]["answered"] == "lost"
    assert (told["unknown"]["state"], told["unknown"]["reason"]) == ("failed", "The model did not answer in time.")
    assert not found["verdict"]["complete"] and found["verdict"]["agrees"]["estimate"] == pytest.approx(1 / 3)
    done = CliRunner().invoke(app, ["replay", "--resume", found["run"], "--json"])
    assert done.exit_code == 1 and f"answerloop replay --resume {found['run']}" in done.stderr
    # It is well again: only what failed is asked once more.
    model.lines, before = THEN, len(model.requests)
    again = run("--resume", found["run"])
    assert again["verdict"]["complete"] and len(model.requests) == before + 1
    assert cases(past, again)["unknown"]["difference"]["same_words"]


def test_where_the_model_is_away_the_run_stops_by_itself_and_can_be_gone_on_with(
    many: Past, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANSWERLOOP_DATA_DIR", str(many.folder))
    model.lines = (Line(status=400),)
    typed = ["replay", "--decisions", ",".join(many.decisions.values()), "--model", "x", "--answer-threshold", "1.0"]
    done = CliRunner().invoke(app, [*typed, "--yes"], catch_exceptions=False)
    assert done.exit_code == 1 and len(model.requests) < 20
    assert "It stopped by itself: 5 cases in a row failed" in done.stderr and "Go on with: answerloop" in done.stderr
    assert "could not be reached, or failed" in done.stdout and "wait." in done.stdout


def test_what_cannot_be_replayed_is_said_in_one_clear_line(past: Past, model: ScriptedModel, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" ")
    known = ("--decisions", past.ids("known"))
    for arguments, error, says in (
        (("--decisions", "nonsense"), Unknown, "no decision 'nonsense'"),
        (("--resume", "nonsense"), Unknown, "no replay 'nonsense'"),
        ((), BotError, "either --cohort or --decisions"),
        (("--cohort", "code=9"), BotError, "No question belongs to 'code=9'"),
        (("--cohort", "since=soon"), NotUnderstood, "2026-11-01"),
        (("--cohort", "code=0.1.0", "--only", "some"), BotError, "no part 'some'"),
        ((*known, "--kb-version", "newest"), BotError, "no version of the knowledge base"),
        ((*known, "--calibration", "1"), BotError, "name a --kb-version"),
        ((*known, "--instructions", "empty.txt"), Unusable, "is empty"),
        ((*known, "--instructions", "nowhere.txt"), Unusable, "cannot be read"),
    ):
        with pytest.raises(error, match=re.escape(says)):
            run(*arguments)
    assert rows(past, "select * from replay_runs") == []


def test_without_a_server_no_model_is_named_and_without_yes_nothing_begins(past: Past) -> None:
    with pytest.raises(Misconfigured, match="ANSWERLOOP_MODEL_BASE_URL"):
        run("--decisions", past.ids("known"), "--model", "some")
    with pytest.raises(BotError, match="say --yes"):
        CliRunner().invoke(app, ["replay", "--decisions", past.ids("known")], catch_exceptions=False)
    assert rows(past, "select * from replay_runs") == []


def test_an_error_is_one_line_and_a_status(past: Past) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "replay", "--decisions", "nonsense", "--yes"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1 and "no decision 'nonsense'" in done.stderr and "Traceback" not in done.stderr


# --- before, during and after ---


def test_an_estimate_comes_first_and_begins_nothing(past: Past, model: ScriptedModel) -> None:
    typed = ["replay", "--decisions", past.ids("known", "written", "unknown"), "--model", "dear", "--estimate"]
    prices = ["--price-input", "10", "--price-output", "40"]
    told = json.loads(CliRunner().invoke(app, [*typed, *prices, "--json"], catch_exceptions=False).stdout)
    found = told["estimate"]
    assert found["cases"] == 3 and found["tokens_in"] > 500 and found["from_records"]
    assert found["cost"] == pytest.approx((found["tokens_in"] * 10 + found["tokens_out"] * 40) / 1_000_000)
    shown = CliRunner().invoke(app, typed, catch_exceptions=False).stderr
    assert "3 cases" in shown and "cost not known: give --price-input" in shown
    assert rows(past, "select * from replay_runs") == [] and model.requests == []


def test_a_cohort_is_replayed_in_part_and_runs_are_listed(past: Past, model: ScriptedModel) -> None:
    every = run("--cohort", "code=0.1.0", "--model", "none")
    assert every["verdict"]["cases"] == len(ALL) - 2, "greetings and wishes for a person are no questions"
    abstained = run("--cohort", "code=0.1.0", "--only", "abstained", "--limit", "1", "--model", "none")
    newest = "select id from decisions where kind = 'abstained' and rule not in ('greeting', 'asked_for_person')"
    assert [one["decision"] for one in abstained["cases"]] == [rows(past, f"{newest} order by at desc limit 1")[0][0]]
    listed = [json.loads(line) for line in CliRunner().invoke(app, ["replay", "--list", "--json"]).stdout.splitlines()]
    assert [one["run"] for one in listed] == [abstained["run"], every["run"]] and listed[0]["done"] == 1
    assert every["run"] in CliRunner().invoke(app, ["replay", "--list"]).stdout


def test_a_run_is_not_gone_on_with_by_another_program_or_prompt(past: Past, model: ScriptedModel) -> None:
    model.lines = (Line(match="hour", status=500),)
    found = run("--decisions", past.ids("written"), "--model", "then", status=1)
    with closing(sqlite3.connect(past.folder / "answerloop.db")) as database:
        database.execute("update replay_runs set setup = json_set(setup, '$.code', '0.0.1')")
        database.commit()
    with pytest.raises(BotError, match=r"begun with version 0\.0\.1"):
        run("--resume", found["run"])


def test_messages_of_other_agents_models_are_replayed_too(past: Past, model: ScriptedModel, tmp_path: Path) -> None:
    called = ToolCall("balance", {"account": 7})
    use = ModelUse(tools=(Tool("balance", "", {"type": "object", "properties": {"account": {"type": "integer"}}}),))
    place = Place("agent", "1")
    asks = AnswerDecision(place, "a", DecisionKind.MODEL_MESSAGE, "model", "what do I owe?", calls=(called,), model=use)
    asks = replace(asks, parent="run", versions=Versions(prompt_hash="x" * 64))
    gave = replace(asks, ts="b", kind=DecisionKind.TOOL_CALL, rule="balance", answer="5 €", model=ModelUse())
    said = replace(asks, ts="c", answer="You owe 5 €.", calls=())
    with opened(alone(data_dir=past.folder)) as database, database.sessions.begin() as session:
        redactor = redactor_for(session, WORKSPACE, database.vault, now=utc_now())
        stamps: dict[str, Any] = {"now": utc_now(), "ids": new_ulid, "redactor": redactor, "vault": database.vault}
        first, *_ = [recorder.record(session, WORKSPACE, one, **stamps) for one in (asks, gave, said)]
    model.lines = (Line(calls=(("balance", {"account": 8}),), reply="You owe nothing."),)
    (tmp_path / "agent.txt").write_text("Be kind.")
    typed = ("--decisions", first.id, "--model", "now")
    untold = run(*typed, status=1)
    assert "only the hash is recorded" in untold["cases"][0]["reason"]
    [case] = run(*typed, "--instructions", "agent.txt")["cases"]
    assert (case["before"], case["after"]) == ("You owe 5 €.", "You owe nothing.")
    assert case["tools"][0]["arguments"] == {"account": [7, 8]} and case["difference"]["tools"] == 1
    [told] = [one["content"] for one in model.requests[-1]["messages"] if one["role"] == "tool"]
    assert told == "not recorded" and model.requests[-1]["messages"][0]["content"] == "Be kind."


def test_records_are_taken_from_standard_input(past: Past, model: ScriptedModel) -> None:
    lines = f'{past.decisions["known"]}\n\n{{"id": "{past.decisions["written"]}", "more": 1}}\n'
    typed = ["replay", "--decisions", "-", "--model", "then", "--yes", "--json"]
    done = CliRunner().invoke(app, typed, input=lines, catch_exceptions=False)
    assert [one["decision"] for one in json.loads(done.stdout)["cases"]] == past.ids("known", "written").split(",")
    with pytest.raises(BotError, match="neither an id nor a record"):
        CliRunner().invoke(app, typed, input="{}\n", catch_exceptions=False)


SEVERAL = ("written", "unknown", "outside", "details", "follow-up", "known")


@pytest.fixture
def under_way(past: Past, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch) -> Iterator["subprocess.Popen[str]"]:
    """A replay of several records by a process of its own, which has asked a slow model twice."""
    monkeypatch.setenv("ANSWERLOOP_MODEL_TIMEOUT_SECONDS", "20")
    model.lines = (Line(reply="The lead keeps a log [1].", delay=timedelta(seconds=0.7)),)
    typed = [sys.executable, "-m", "bot.cli", "replay", "--decisions", past.ids(*SEVERAL), "--model", "then"]
    command = subprocess.Popen(
        [*typed, "--yes", "--at-once", "1", "--answer-threshold", "1.0", "--kb-version", "now"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    deadline = time.monotonic() + 60
    while len(model.requests) < 2:
        assert command.poll() is None and time.monotonic() < deadline, command.communicate()
        time.sleep(0.02)
    yield command
    command.kill()
    command.communicate()


def _asked(model: ScriptedModel) -> Counter[str]:
    return Counter(one["messages"][1]["content"] for one in model.requests)


def test_an_interrupted_run_goes_on_where_it_stopped_and_asks_nothing_twice(
    past: Past, model: ScriptedModel, under_way: "subprocess.Popen[str]"
) -> None:
    [(run_id,)] = rows(past, "select id from replay_runs")
    with pytest.raises(BotError, match="Another process is replaying"):
        run("--resume", run_id)
    under_way.send_signal(signal.SIGINT)
    _, said = under_way.communicate(timeout=60)
    assert under_way.returncode == 130 and "Traceback" not in said, said
    [found] = re.findall(r"Go on with: answerloop replay --resume (\w+)", said)
    states = Counter(state for (state,) in rows(past, "select state from replay_cases"))
    assert states["done"] >= 2 and states["waiting"] >= 1, "what was under way is kept, what was not waits"
    model.lines = (Line(reply="The lead keeps a log [1]."),)
    assert run("--resume", found)["verdict"]["pairs"] == len(SEVERAL)
    assert set(_asked(model).values()) == {1}, "something was asked twice"


def test_a_killed_run_goes_on_and_asks_again_only_what_had_no_answer_yet(
    past: Past, model: ScriptedModel, under_way: "subprocess.Popen[str]"
) -> None:
    under_way.kill()
    under_way.communicate(timeout=60)
    [(run_id,)] = rows(past, "select id from replay_runs")
    kept = rows(past, "select decision, payload from replay_cases where state = 'done' order by decision")
    assert 1 <= len(kept) < len(SEVERAL), "what had its pair is kept"
    model.lines = (Line(reply="The lead keeps a log [1]."),)
    assert run("--resume", run_id)["verdict"]["pairs"] == len(SEVERAL), "the lock of the killed one is free"
    again = sum(_asked(model).values()) - len(SEVERAL)
    assert again <= 1, "only what was under way is asked again"
    assert set(kept) <= set(rows(past, "select decision, payload from replay_cases")), "and no pair is made anew"


@pytest.fixture(scope="module")
def many(first: Past, tmp_path_factory: pytest.TempPathFactory) -> Past:
    """Two hundred records, of each of four kinds fifty, as the real ones were."""
    return multiplied(copy_of(first, tmp_path_factory.mktemp("many") / "data"), 50)


def test_a_thousand_decisions_would_be_replayed_within_a_minute(
    many: Past, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two hundred, by the same bound for each; `tests.benchmarks.replaying` replays the thousand."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANSWERLOOP_DATA_DIR", str(many.folder))
    model.lines = (Line(match="hour", reply="The incident lead keeps no log at all [1]."), *THEN)
    typed = ("--decisions", ",".join(many.decisions.values()), "--model", "now", "--answer-threshold", "1.0")
    began = time.monotonic()
    found = run(*typed)
    took = time.monotonic() - began
    assert found["verdict"]["complete"] and len(model.requests) == 200
    assert took < 60 * 200 / 1_000, f"{took:.1f} s"


def test_the_question_is_in_the_words_of_the_record(past: Past, model: ScriptedModel) -> None:
    run("--decisions", past.ids("written"), "--model", "then")
    assert INCIDENT in model.requests[0]["messages"][1]["content"]
