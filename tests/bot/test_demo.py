"""The demo is on its own: nothing of the operator's settings takes effect in it."""

from pathlib import Path

import pytest

from bot.demo import demo_settings
from bot.settings import Settings


def test_the_demo_ignores_the_operators_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("ANSWERLOOP_CHROMA_URL=http://somewhere\n")
    hostile = {
        "database_url": "postgresql://real/data",
        "four_eyes": "true",
        "model_api_key": "sk-real",
        "workers": "1",
    }
    for name, value in hostile.items():
        monkeypatch.setenv(f"ANSWERLOOP_{name.upper()}", value)
    found = demo_settings("http://127.0.0.1:1", tmp_path / "demo")
    assert Settings().database_url == "postgresql://real/data"  # they would have taken effect otherwise
    assert found.database == f"sqlite:///{tmp_path / 'demo' / 'answerloop.db'}"
    assert found.chroma_url == ""
    assert not found.four_eyes
    assert found.model_api_key.get_secret_value() == ""
    assert found.workers == Settings.model_fields["workers"].default
