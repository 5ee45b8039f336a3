"""The whole bot on PostgreSQL with a Chroma server: alone, and as two processes that share both."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine, text

from bot.demo import FIXTURES
from bot.sandbox.client import Person, SandboxError, Shown, until
from tests.conftest import fresh_database
from tests.e2e.acts import KNOWN, KNOWN_ANSWER, UNKNOWN
from tests.e2e.conftest import Bot, by_app, free_port, labels, running_bot

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]

#: What staff answer to the unknown question, and a word that is only there.
ANSWER, WORD = "Only the two-wheeled Ottenburg trailer.", "Ottenburg"
#: The unknown question in other words.
PARAPHRASE = "What trailer can the blue tractor tow?"
#: Seconds after which a silent process counts as dead here.
TAKEOVER = 5


@dataclass
class Shared:
    """Two processes that share a database and an index."""

    one: Bot
    two: Bot
    engine: Engine

    def rows(self, statement: str) -> list[dict[str, Any]]:
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(statement)).mappings()]


@contextlib.contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """A Chroma server on a free port."""
    port = free_port()
    program = Path(sys.executable).with_name("chroma")
    command = [str(program), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "chroma.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(f"{url}/api/v2/heartbeat"), 30, "the Chroma server did not start")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def shared(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Shared]:
    """One process, and a second one that is started by the tests that need it."""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(fresh_database(postgres_server))
        chroma = stack.enter_context(chroma_server(tmp_path_factory.mktemp("chroma")))
        one = stack.enter_context(
            running_bot(
                knowledge_folder,
                tmp_path_factory.mktemp("one"),
                started=False,
                database_url=database,
                chroma_url=chroma,
                takeover_seconds=str(TAKEOVER),
                secret_key="MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            )
        )
        ingested = one.command("ingest", "--json", str(_few(tmp_path_factory.mktemp("few"))))
        assert ingested.returncode == 0, ingested.stderr
        one.start()
        other = tmp_path_factory.mktemp("two")
        two = replace(
            one, process=None, data_dir=other, environment={**one.environment, "ANSWERLOOP_DATA_DIR": str(other)}
        )
        (other / "models").symlink_to(one.data_dir / "models")
        stack.callback(two.stop)
        engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://"))
        stack.callback(engine.dispose)
        yield Shared(one, two, engine)


def test_the_loop_closes_on_postgresql_and_a_chroma_server(shared: Shared) -> None:
    bot = shared.one
    uma, sam, ada = bot.person("uma"), bot.person("sam"), bot.person("ada")
    channel = bot.channel("postgres-loop")
    question = uma.say(channel, f"@answerloop {KNOWN}")
    uma.wait_for_message(question, lambda one: one.by_app and KNOWN_ANSWER in one.text)

    unknown = uma.say(channel, f"@answerloop {UNKNOWN}")
    card = uma.wait_for_message(unknown, lambda one: one.by_app and "Get a human" in labels(one))
    uma.click(card, "Get a human")
    room = sam.wait_for_message("C0SUPPORT", lambda one: one.by_app and UNKNOWN in one.text)
    sam.click(room, "Claim")
    uma.wait_for_message(unknown, lambda one: "is looking into this" in one.text)
    sam.click(sam.again(room), "Resolve")
    sam.submit(sam.wait_for_view("resolve_form"), {"answer": ANSWER})
    uma.wait_for_message(unknown, lambda one: "Did that solve it?" in one.text)

    proposal = ada.wait_for_message("C0REVIEW", lambda one: WORD in one.text and "Approve" in labels(one))
    ada.click(proposal, "Approve")
    ada.wait_for(lambda: "Approved by" in ada.again(proposal).text or None)
    learned = uma.say(channel, f"@answerloop {PARAPHRASE}")
    uma.wait_for_message(learned, lambda one: one.by_app and WORD in one.text)

    ada.click(ada.again(proposal), "Undo")
    ada.close_view(ada.wait_for_view("affected_threads_form"))
    ada.wait_for(lambda: "Undone" in ada.again(proposal).text or None)
    undone = uma.say(channel, f"@answerloop {PARAPHRASE}")
    said = uma.wait_for_message(undone, lambda one: one.by_app and "Get a human" in labels(one))
    assert WORD not in said.text


def test_the_index_at_the_server_agrees_with_the_database(shared: Shared) -> None:
    checked = shared.one.command("kb", "verify", "--json")
    assert checked.returncode == 0 and json.loads(checked.stdout)["ok"], checked.stdout + checked.stderr
    asked = shared.one.command("ask", "--json", KNOWN)
    assert KNOWN_ANSWER in json.loads(asked.stdout)["answer"]


def test_two_processes_answer_each_message_once(shared: Shared) -> None:
    bot = shared.one
    _start_second(shared)
    bot.workspace.faults("duplicate", count=10, event="message")
    bot.workspace.faults("duplicate_new_id", count=10, event="app_mention")
    asked = _ask(bot, "postgres-two", 12)
    for person, question in asked:
        person.wait_for_message(question, lambda one: one.by_app and KNOWN_ANSWER in one.text)
    _wait_until_done(shared)
    assert [len(by_app(person.thread(question))) for person, question in asked] == [1] * len(asked)
    worked = shared.rows("select executor_id, count(*) as n from dbos.workflow_status group by executor_id")
    assert len(worked) == 2, f"only one of the two worked: {worked}"


def test_two_clicks_that_meet_in_two_processes_make_one_version(shared: Shared) -> None:
    bot = shared.one
    _start_second(shared)
    ada, ann, sam = bot.person("ada"), bot.person("ann"), bot.person("sam")
    sam.command(bot.channel("postgres-clicks"), "/kb", "add")
    sam.submit(sam.wait_for_view("add_entry_form"), {"question": "Where is the Quedlin room?", "answer": "In Quedlin."})
    card = ada.wait_for_message("C0REVIEW", lambda one: "Quedlin" in one.text and "Approve" in labels(one))
    for person in (ada, ann):
        with contextlib.suppress(SandboxError):  # the first click may have redrawn the card already
            person.click(person.again(card), "Approve")
    ada.wait_for(lambda: "Approved by" in ada.again(card).text or None)
    made = shared.rows("select version from entry_versions where content::text like '%Quedlin%'")
    assert made == [{"version": 1}]


def test_what_a_killed_process_had_begun_is_finished_by_the_other(shared: Shared) -> None:
    bot = shared.one
    _start_second(shared)
    asked = _ask(bot, "postgres-kill", 16)
    shared.two.kill()
    for person, question in asked:
        person.wait_for_message(question, lambda one: one.by_app and KNOWN_ANSWER in one.text, seconds=8 * TAKEOVER)
    _wait_until_done(shared)
    assert [len(by_app(person.thread(question))) for person, question in asked] == [1] * len(asked)


def _wait_until_done(shared: Shared) -> None:
    """Wait until every event was heard and all work is done, by whichever process."""
    shared.one.workspace.wait_quiet()
    left = "select 1 from dbos.workflow_status where status in ('PENDING', 'ENQUEUED') limit 1"
    until(lambda: not shared.rows(left), 8 * TAKEOVER, "some work was left undone")


def _ask(bot: Bot, name: str, count: int) -> list[tuple[Person, Shown]]:
    channel, people = bot.channel(name), [bot.person(one) for one in ("uma", "sam", "ann")]
    asked = []
    for number in range(count):
        person = people[number % len(people)]
        asked.append((person, person.say(channel, f"@answerloop {KNOWN}")))
    return asked


def _start_second(shared: Shared) -> None:
    if shared.two.process is None or shared.two.process.poll() is not None:
        shared.two.start()
    until(lambda: shared.one.workspace.get("/control/state")["connections"] == 2, 60, "the second process is not there")


def _few(folder: Path) -> Path:
    """Some of the fictional company's knowledge, the known question among it."""
    lines = (FIXTURES / "knowledge.jsonl").read_text().splitlines()
    chosen = [line for line in lines if KNOWN in line] + [line for line in lines if KNOWN not in line][:15]
    path = folder / "few.jsonl"
    path.write_text("\n".join(chosen) + "\n")
    return path


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.HTTPError:
        return False
