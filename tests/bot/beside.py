"""Running a command beside a live workspace that it must leave alone."""

import os
import subprocess
import sys
from pathlib import Path


def beside(folder: Path, models: Path, *arguments: str, seconds: float = 150) -> "subprocess.CompletedProcess[str]":
    """What `answerloop ARGUMENTS` says; its data folder, `folder/live`, holds the models and nothing else."""
    live = folder / "live"
    live.mkdir(exist_ok=True)
    if not (live / "models").exists():
        (live / "models").symlink_to(models)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERLOOP_")}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        env={**environment, "ANSWERLOOP_DATA_DIR": str(live)},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        cwd=folder,
    )


def untouched(folder: Path) -> bool:
    """Whether the live workspace holds what it held before."""
    return [one.name for one in (folder / "live").iterdir()] == ["models"]
