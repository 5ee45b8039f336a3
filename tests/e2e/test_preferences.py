"""What admins change in App Home holds at once; what cannot work is said beside its field; others may not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.client import InvalidInput, OpenView, Person
from tests.e2e.conftest import Bot, running_bot

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bot(knowledge_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with running_bot(knowledge_folder, tmp_path_factory.mktemp("preferences"), four_eyes="false") as running:
        yield running


def _home(person: Person) -> OpenView:
    person.open_home()
    return person.wait_for(person.home, otherwise="no App Home was drawn")


def test_a_workspaces_setting_holds_at_once_and_what_is_pinned_cannot_be_changed(bot: Bot) -> None:
    ada, uma = bot.person("ada"), bot.person("uma")
    channel = bot.channel("preferences-mode")
    ada.click(_home(ada), "Workspace settings")
    form = ada.wait_for_view("workspace_settings_form")
    assert "four eyes" in form.text
    assert "four_eyes" not in {block["block_id"] for block in form.blocks}
    with pytest.raises(InvalidInput, match="Mon-Fri 09:00-17:00"):
        ada.submit(form, {"support_hours": "whenever"})
    with pytest.raises(InvalidInput, match="Europe/Berlin"):
        ada.submit(form, {"support_hours": "Mon-Sun 00:00-23:59", "support_time_zone": "Atlantis"})
    ada.submit(form, {"mode": "everything", "support_time_zone": "Europe/Berlin"})
    question = uma.say(channel, "How do I reset my VPN password?")
    assert "id.lumen.example" in uma.wait_for_message(question).text


def test_only_an_admin_is_offered_the_workspaces_settings(bot: Bot) -> None:
    assert "Workspace settings" not in _home(bot.person("sam")).text
    assert "Workspace settings" in _home(bot.person("ada")).text
