"""What became of answers is found by the bot itself, also of those of the time in which it did not run."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.database import opened
from bot.settings import alone
from kb.clock import utc_now
from kb.ids import new_ulid
from learning import conversations, handoffs, people, recorder
from learning.conversations import MessageKind, Place, Privacy
from learning.handoffs import HandoffReason
from learning.people import Actor, Role
from learning.recorder import AnswerDecision, DecisionKind
from learning.redaction import redactor_for
from tests.e2e.acts import rows
from tests.e2e.conftest import Bot, running_bot
from tests.e2e.desk import WORKSPACE

pytestmark = pytest.mark.e2e


@pytest.fixture
def bot(knowledge_folder: Path, tmp_path: Path) -> Iterator[Bot]:
    """A bot that looks every second, and does not run yet."""
    with running_bot(knowledge_folder, tmp_path / "bot", started=False, outcomes_at="* * * * * *") as made:
        yield made


def answered(bot: Bot, ago: timedelta, *, reply: timedelta | None = None, resolved: timedelta | None = None) -> str:
    """An answer that Uma got some time ago, as the database holds it; its decision.

    Args:
        reply: how long after it she wrote again.
        resolved: how long after it people settled it.
    """
    at = utc_now() - ago
    begun = f"{at.timestamp():.6f}"
    with opened(alone(data_dir=bot.data_dir)) as database, database.sessions.begin() as session:
        vault = database.vault
        uma, sam = (people.person_for(session, WORKSPACE, who, now=at, ids=new_ulid) for who in ("U0UMA", "U0SAM"))
        place = Place("C0HELP", begun)
        conversation = conversations.open_conversation(
            session, WORKSPACE, place, uma, privacy=Privacy.OPEN, now=at, ids=new_ulid
        )
        decision = recorder.record(
            session,
            WORKSPACE,
            AnswerDecision(
                place,
                begun,
                DecisionKind.ABSTAINED if resolved else DecisionKind.VERBATIM,
                "for_a_test",
                "What now?",
                asker=uma,
                conversation=conversation.id,
            ),
            redactor=redactor_for(session, WORKSPACE, vault, now=at),
            vault=vault,
            now=at,
            ids=new_ulid,
        )
        if reply is not None:
            conversations.record_message(
                session,
                WORKSPACE,
                conversation.id,
                place=place,
                ts=f"{(at + reply).timestamp():.6f}",
                author=uma,
                kind=MessageKind.USER,
                text="And then?",
                vault=vault,
                now=at + reply,
                ids=new_ulid,
            )
        if resolved is not None:
            question, staff = (place.channel, begun), Actor(sam, frozenset({Role.STAFF}))
            opening = handoffs.open_handoff(
                session,
                WORKSPACE,
                conversation.id,
                asker=uma,
                question=question,
                reason=HandoffReason.BUTTON,
                now=at,
                ids=new_ulid,
            )
            moved = at + resolved
            handoffs.claim(session, WORKSPACE, opening.handoff.id, staff, now=moved)
            handoffs.resolve(
                session,
                WORKSPACE,
                opening.handoff.id,
                staff,
                answer="Done.",
                learn=False,
                vault=vault,
                now=moved,
                ids=new_ulid,
            )
    return str(decision.id)


def became(bot: Bot, decision: str) -> dict[str, int]:
    """What is known to have happened after a decision, and what not."""
    found = rows(bot, "select kind, happened from outcomes where decision = ?", decision)
    return {str(one["kind"]): int(one["happened"]) for one in found}


def test_what_became_of_answers_is_found_also_for_the_time_in_which_the_bot_was_down(bot: Bot) -> None:
    silent = answered(bot, timedelta(days=2))
    replied = answered(bot, timedelta(days=2), reply=timedelta(hours=23))
    late = answered(bot, timedelta(days=2), reply=timedelta(hours=25))
    recent = answered(bot, timedelta(hours=23), reply=timedelta(hours=1))
    settled = answered(bot, timedelta(days=30), resolved=timedelta(hours=3))
    bot.start()
    uma = bot.person("uma")
    uma.wait_for(lambda: len(became(bot, settled)) == 5 and len(became(bot, replied)) == 3, otherwise="not judged")
    assert became(bot, silent) == {"replied": 0, "no_further_inbound": 1, "handed_over": 0}
    assert became(bot, replied) == {"replied": 1, "no_further_inbound": 0, "handed_over": 0}
    assert became(bot, late) == became(bot, silent)
    assert became(bot, recent) == {}, "its day is not over"
    assert became(bot, settled) == {
        "replied": 0,
        "no_further_inbound": 1,
        "handed_over": 1,
        "reopened": 0,
        "stayed_resolved": 1,
    }

    before = rows(bot, "select * from outcomes order by decision, kind")
    bot.kill()
    missed = answered(bot, timedelta(days=3), reply=timedelta(hours=2))
    bot.start()
    uma.wait_for(lambda: len(became(bot, missed)) == 3, otherwise="not made up for")
    assert became(bot, missed)["replied"] == 1
    after = rows(bot, "select * from outcomes where decision != ? order by decision, kind", missed)
    assert after == before, "judged once, whoever looks again"

    shown = json.loads(bot.command("records", "show", settled, "--json").stdout)
    says = {one["kind"]: (one["happened"], one["says"]) for one in shown["outcomes"]}
    assert says["stayed_resolved"] == (True, "good") and says["handed_over"] == (True, "bad")
    assert says["no_further_inbound"] == (True, "unknown"), "silence is no success"
    assert all(one["found_by"] and one["closes"] for one in shown["outcomes"])
    assert "stayed_resolved" in bot.command("records", "show", settled).stdout
