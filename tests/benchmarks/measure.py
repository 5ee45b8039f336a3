"""Every measurement on public data, one after another; figures, never a verdict. `make measure DATA=…` runs it.

Each benchmark prints JSON lines; what the figures mean stands in the benchmark's own module.
"""

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run them all; the exit status is that of the first one that could not be run."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.measure", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public question sets")
    data = str(parser.parse_args().data)
    runs = (
        ("search", "--data", data, "--json"),
        ("fixture_search", "--documents", "--json"),
        ("follow_ups", "--data", data, "--json"),
        ("ranking", "--data", data, "--json"),
        ("alike", "--data", data, "--json"),
        ("redaction", "--data", data, "--json"),
    )
    for name, *arguments in runs:
        print(f"# {name}", flush=True)
        status = subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}", *arguments], check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
