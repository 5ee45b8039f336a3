"""Counts in how many public questions each piece of a word stands, for the weights that are shipped with `kb`.

    python -m tests.benchmarks.word_weights --data DIR

Banking77 and the fixtures are left out on purpose: they measure.
"""

import argparse
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from kb.embedding_models import find_model
from tests.benchmarks.public_data import rows

_TARGET = Path(__file__).parents[2] / "kb" / "word_counts.json"
_SETS = {
    "bitext_intents": "text",
    "covid_faq": "question",
    "medquad_half": "question",
    "squad2_dev_questions": "question",
}
#: No set gives more texts than this, so that none decides alone.
_MOST = 8_000
#: Pieces that stand in so many texts or fewer are left out, and all of them weigh as if they stood in so many.
_LEAST = 5


def counted(data: Path) -> dict[str, Any]:
    """The JSON form that `kb.word_weights.weights_from` reads."""
    texts: list[str] = []
    for name, field in _SETS.items():
        mine = [str(row[field]) for row in rows(data, name)]
        random.Random(1).shuffle(mine)
        texts += mine[:_MOST]
    tokenizer = Tokenizer.from_file(str(find_model("").folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    counts = Counter(piece for each in tokenizer.encode_batch(texts) for piece in set(each.tokens))
    kept = {piece: count for piece, count in sorted(counts.items()) if count > _LEAST}
    return {"texts": len(texts), "least": _LEAST, "counts": kept}


def main() -> None:
    """Count, write, say how much there is."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.word_weights", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public question sets")
    found = counted(parser.parse_args().data)
    _TARGET.write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"{_TARGET.name}: {len(found['counts'])} pieces of {found['texts']} texts")


if __name__ == "__main__":
    main()
