"""An embedded index has one owner, and who comes second is told who that is."""

import subprocess
import sys
from pathlib import Path

import pytest

import kb

HOLD = (
    "import sys, kb; from pathlib import Path; index = kb.open_index(Path(sys.argv[1]))\n"
    "print('held', flush=True); input()"
)


def test_a_second_process_is_told_who_holds_the_index_and_a_kill_gives_it_back(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(kb.IndexLocked, match=rf"process {holder.pid} \(-c"):
            kb.open_index(tmp_path)
    finally:
        holder.kill()
        holder.wait()
    kb.open_index(tmp_path).close()


def test_the_same_process_cannot_open_it_twice_but_again_after_closing(tmp_path: Path) -> None:
    first = kb.open_index(tmp_path)
    with pytest.raises(kb.IndexLocked):
        kb.open_index(tmp_path)
    first.close()
    first.close()
    second = kb.open_index(tmp_path)
    # Closing the first once more must not take the folder away from the second.
    first.close()
    with pytest.raises(kb.IndexLocked):
        kb.open_index(tmp_path)
    second.close()
