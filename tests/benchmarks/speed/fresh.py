"""One side in a process of its own: how long until its first answer, and the memory it then holds.

python -m tests.benchmarks.speed.fresh ours|theirs FOLDER MODELS THREADS WEIGHTS QUESTION...

It imports nothing before its side does, and prints `answered` when the first answer is there, then its memory in MB.
"""

import sys
from pathlib import Path


def main() -> None:
    """Open, ask, say so."""
    side, folder, models, threads, weights, *questions = sys.argv[1:]
    if side == "ours":
        import kb
        from tests.benchmarks.speed.ours import WORKSPACE, opened

        small = "int8" if weights == "int8" else "fp32"
        embedder = kb.open_embedder(cache=Path(models), threads=int(threads), weights=small)
        with opened(Path(folder), embedder) as ours:
            for question in questions:
                ours.base.search(WORKSPACE, question)
                print("answered", flush=True)
            print(_resident(), flush=True)
    else:
        from tests.benchmarks.speed.theirs import Theirs

        theirs = Theirs(Path(folder), threads=int(threads))
        for question in questions:
            theirs.search(question)
            print("answered", flush=True)
        print(_resident(), flush=True)


def _resident() -> float:
    """The resident memory of this process in MB, as Linux tells it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


if __name__ == "__main__":
    main()
