"""What has reached the day from which somebody should look at it again is said once a day, and counted in App Home."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.conftest import Bot, running_bot
from tests.e2e.desk import REVIEW, home

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot whose daily work is due every second, so that a test need not wait for seven o'clock."""
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("daily"), daily_at="* * * * * *") as running:
        yield running


def test_answers_that_are_due_for_a_look_are_told_and_counted(bot: Bot) -> None:
    ada, today = bot.person("ada"), datetime.now(UTC).date()
    file = bot.data_dir / "dated.csv"
    lines = [
        f"{today - timedelta(days=1):%F},Who feeds the koi?,The gardener.",
        f"{today + timedelta(days=30):%F},Who feeds the newt?,The plumber.",
    ]
    file.write_text("\n".join(["review_by,question,answer", *lines]))
    assert bot.command("ingest", str(file)).returncode == 0
    told = ada.wait_for_message(REVIEW, lambda one: "Waiting in my Home tab" in one.text)
    assert told.text == "Waiting in my Home tab: 1 answer that is due for a look."
    home(ada, lambda view: "*1* Due for a look" in view.text)
