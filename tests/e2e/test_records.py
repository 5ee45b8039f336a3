"""Every answer leaves one redacted record; raw words stand encrypted, and in no other place."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.text import text_hash
from learning.cohorts import Experiment
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, UNKNOWN, ask, decisions, quiet, recorded, rows, set_channel
from tests.e2e.conftest import TEAM, Bot, running_bot
from tests.e2e.desk import home, ticked

pytestmark = pytest.mark.e2e

EMAIL, PHONE, MARK = "petra.quendel@kraut.example", "+49 30 901820", "zwiebelfisch"
DETAILS = f"My address is {EMAIL}, my number {PHONE}, and the {MARK} is mine."
#: What the operator lets stand.
SHARED = "office@kraut.example"
#: Two arms that differ in nothing but their names.
EXPERIMENTS = '{"tone": {"plain": {"weight": 1}, "warm": {"weight": 1}}}'
#: Where people's Slack ids stand in clear.
WITH_IDS = {"people"}


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot that is asked in every way that leaves a record."""
    given = {"redaction_allowed": SHARED, "experiments": EXPERIMENTS, "tags": "release=summer"}
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("records"), seal_at="* * * * * *", **given) as running:
        yield running


def test_every_reply_has_one_record_whatever_it_was(bot: Bot) -> None:
    uma, gus = bot.person("uma"), bot.person("gus")
    plain, drafted = bot.channel("records", (*TEAM, "U0GUS")), bot.channel("records-drafts")
    set_channel(bot, drafted, "drafts")
    asked = {
        "verbatim": ask(uma, plain, holds=KNOWN_ANSWER)[0],
        "abstained": ask(uma, plain, f"@answerloop {UNKNOWN} {DETAILS}")[0],
        "declined": ask(gus, plain)[0],
        "drafted": uma.say(drafted, f"@answerloop {KNOWN}"),
    }
    recorded = {kind: decisions(bot, question) for kind, question in asked.items()}
    assert {kind: [one["kind"] for one in found] for kind, found in recorded.items()} == {
        kind: [kind] for kind in asked
    }
    for [one] in recorded.values():
        assert one["kb_version"] > 0 and one["code"] and one["rule"] and one["at"] and one["conversation"]
    [verbatim] = recorded["verbatim"]
    evidence = rows(bot, "select * from decision_evidence where decision = ? order by rank", verbatim["id"])
    assert evidence and evidence[0]["used"] and not any(one["used"] for one in evidence[1:])
    assert verbatim["embedding"] and verbatim["ranking"] and verbatim["calibration"] and verbatim["confidence"] > 0.8


def test_every_record_of_a_conversation_shows_its_arm_and_what_was_tagged_by_hand(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("arms")
    question, _ = ask(uma, channel, holds=KNOWN_ANSWER)
    again = uma.say(channel, UNKNOWN, thread=question)
    [first], [second] = decisions(bot, question), decisions(bot, again)
    arm = Experiment("tone", {"plain": 1, "warm": 1}).arm_of(first["conversation"])
    assert first["conversation"] == second["conversation"]
    for one in (first, second):
        assert json.loads(one["tags"]) == {"tone": arm, "release": "summer"}


def test_contact_details_are_redacted_in_records(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("details")
    question, _ = ask(uma, channel, f"@answerloop {UNKNOWN} {DETAILS}")
    [first] = [recorded(bot, one["id"]) for one in decisions(bot, question)]
    assert "EMAIL_" in first.question and "PHONE_" in first.question
    # The same detail has the same name, so that records can still be compared.
    again, _ = ask(uma, channel, f"@answerloop Who is {EMAIL}?", holds="")
    [second] = [recorded(bot, one["id"]) for one in decisions(bot, again)]
    [name] = [word for word in first.question.split() if "EMAIL_" in word]
    assert name.strip("[].,") in second.question


def test_people_of_the_workspace_are_redacted_by_name_and_shared_addresses_stay(bot: Bot) -> None:
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("names")
    ask(uma, channel, holds=KNOWN_ANSWER)
    question, _ = ask(sam, channel, f"@answerloop {UNKNOWN} Uma Sommer or {SHARED} may know.")
    [decision] = decisions(bot, question)
    assert "Sommer" not in decision["question"] and "PERSON_" in decision["question"]
    assert SHARED in decision["question"]


def test_raw_words_stand_nowhere_in_clear(bot: Bot) -> None:
    """After a question in a channel, one in a direct message, an edit, a handoff and a thumbs-down with a comment."""
    uma, sam, channel = bot.person("uma"), bot.person("sam"), bot.channel("clear")
    question, card = ask(uma, channel, f"@answerloop {UNKNOWN} {DETAILS}")
    uma.click(card, "Get a human")
    sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and MARK in one.text and channel in str(one.raw))
    direct, _ = ask(uma, uma.direct, f"{KNOWN} {DETAILS}")
    uma.say(uma.direct, f"{DETAILS} Thanks!", thread=direct)
    uma.edit(question, f"@answerloop {UNKNOWN} {DETAILS} Really.")
    _, answer = ask(uma, channel, holds=KNOWN_ANSWER)
    uma.click(answer, "Not helpful")
    uma.submit(uma.wait_for_view("feedback_form"), {"reason": "other", "comment": DETAILS})
    quiet(bot)
    uma.wait_for(lambda: rows(bot, "select 1 from explanations"))

    assert rows(bot, "select 1 from messages where sealed is not null"), "nothing was kept, so this shows nothing"
    for path in bot.data_dir.rglob("*"):
        if path.is_file() and "models" not in path.parts:
            content = path.read_bytes()
            for raw in (EMAIL, PHONE, PHONE.replace(" ", "")):
                assert raw.encode() not in content, f"{raw} stands in {path.name}"
    for table, column, text in _texts(bot):
        if table.startswith(("workflow", "operation", "notifications", "streams", "event")):
            assert MARK not in text, f"words stand in DBOS's {table}.{column}"
        if table not in WITH_IDS:
            assert "U0UMA" not in text, f"a person's Slack id stands in {table}.{column}: {text[:200]}"


def _texts(bot: Bot) -> Iterator[tuple[str, str, str]]:
    """Everything in the database that can be read as text: table, column, text."""
    with closing(sqlite3.connect(bot.data_dir / "answerloop.db")) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            read = database.execute(f'select * from "{table}"')
            columns = [column[0] for column in read.description]
            for row in read:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, bytes):
                        value = value.decode("utf-8", "replace")
                    if isinstance(value, str):
                        yield table, column, value


def test_an_operator_looks_verifies_and_erases_beside_the_running_bot(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("operator")
    question, _ = ask(uma, channel, f"@answerloop {UNKNOWN} {DETAILS}")
    [row] = decisions(bot, question)

    newest = [
        json.loads(line) for line in bot.command("records", "list", "--json", "--limit", "50").stdout.splitlines()
    ]
    assert row["id"] in {one["id"] for one in newest}
    assert "abstained" in bot.command("records", "list", "--kind", "abstained").stdout
    shown = json.loads(bot.command("records", "show", row["id"], "--json").stdout)
    assert MARK in shown["question"] and EMAIL not in json.dumps(shown)
    assert shown["rule"] and shown["versions"]["kb_version"] > 0 and shown["posts"] and shown["kind"] == "abstained"
    assert MARK in bot.command("records", "show", row["id"]).stdout

    whole = json.loads(bot.command("records", "verify", "--json").stdout)
    assert whole["ok"] and whole["sealed"] + whole["waiting"] == rows(bot, "select count(*) n from decisions")[0]["n"]
    quiet(bot)

    keys = bot.data_dir / "keys.db"
    [person] = rows(bot, "select asker from decisions where id = ?", row["id"])
    with closing(sqlite3.connect(keys)) as database:
        [(wrapped,)] = database.execute("select wrapped from person_keys where person = ?", (person["asker"],))
    done = bot.command("forget", "U0UMA", "--yes", "--json")
    assert json.loads(done.stdout)["records"] >= 1, done.stderr
    for path in bot.data_dir.glob("*.db*"):
        assert wrapped not in path.read_bytes(), f"the destroyed key stands in {path.name}"
    shown = json.loads(bot.command("records", "show", row["id"], "--json").stdout)
    assert shown["erased"] and shown["question"] == "" and shown["kind"] == "abstained"
    assert json.loads(bot.command("records", "verify", "--head", whole["head"], "--json").stdout)["ok"]
    assert not rows(bot, "select 1 from people where external = 'U0UMA'")
    # She is somebody new now, and is answered like everybody.
    ask(uma, bot.channel("operator-again"), holds=KNOWN_ANSWER)


def test_a_wording_that_was_approved_and_taken_back_is_forgotten_with_its_vector(bot: Bot) -> None:
    zoe, ada, wording = (
        bot.workspace.add_person("zoe"),
        bot.person("ada"),
        "vpn unstable at home, reconnects constantly",
    )
    channel = bot.channel("forgotten", (*TEAM, zoe.id))
    _, answer = ask(zoe, channel, f"@answerloop {wording}", holds="TCP mode")
    quiet(bot)
    zoe.click(answer, "Helpful")
    view = home(ada, lambda one: wording in one.text)
    ada.click(view, "home_phrasing_toggle", [ticked(view, wording)])
    ada.click(view, "Approve ticked")
    view = home(ada, lambda one: "Wordings approved in the last seven days" in one.text)
    quiet(bot)
    assert _kept(bot, wording) == (1, 1), "it is known, with its vector"
    ada.click(view, "Undo")
    home(ada, lambda one: "Wordings approved in the last seven days" not in one.text)
    quiet(bot)
    assert _kept(bot, wording) == (1, 1), "so that the undo could be seen through"
    done = bot.command("forget", zoe.id, "--yes")
    assert done.returncode == 0 and "kb rebuild" in done.stdout, done.stderr
    assert _kept(bot, wording) == (0, 0)
    assert not rows(bot, "select 1 from proposals where question like ? or phrasings like ?", *[f"%{wording}%"] * 2)
    assert bot.command("kb", "verify").returncode == 0
    ask(bot.person("sam"), channel, f"@answerloop {wording}", holds="TCP mode")


def _kept(bot: Bot, wording: str) -> tuple[int, int]:
    """In how many versions of entries a wording stands, and how many vectors of it there are."""
    versions = rows(bot, "select 1 from entry_versions where content like ?", f"%{wording}%")
    return len(versions), len(rows(bot, "select 1 from vectors where text_hash = ?", text_hash(wording)))


def test_sealing_goes_on_by_itself_and_what_was_changed_behind_its_back_is_named(bot: Bot) -> None:
    uma, channel = bot.person("uma"), bot.channel("sealed")
    question, _ = ask(uma, channel, holds=KNOWN_ANSWER)
    [row] = decisions(bot, question)
    uma.wait_for(lambda: rows(bot, "select 1 from record_seals where decision = ?", row["id"]), otherwise="not sealed")
    with closing(sqlite3.connect(bot.data_dir / "answerloop.db")) as database:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("update decisions set rule = 'other'")
        database.execute("drop trigger decisions_no_update")
        database.execute("update decisions set rule = 'other' where id = ?", (row["id"],))
        database.commit()
    found = bot.command("records", "verify")
    assert found.returncode == 1 and found.stdout == ""
    (line,) = found.stderr.strip().splitlines()
    assert line.startswith("Error: ") and row["id"] in line and "is not what was recorded" in line


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("records", "show", "01UNKNOWN"), "There is no such decision"),
        (("records", "list", "--kind", "guess"), "There is no kind 'guess'"),
        (("records", "verify", "--head", "nonsense"), "A head looks like"),
        (("forget", "U0NOBODY", "--yes"), "Nobody is known here as 'U0NOBODY'"),
    ],
)
def test_what_an_operator_asks_in_vain_is_one_clear_line(bot: Bot, arguments: tuple[str, ...], says: str) -> None:
    done = bot.command(*arguments)
    assert done.returncode == 1 and done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: ") and says in line
