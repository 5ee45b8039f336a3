"""`answerloop backtest` plays past questions through the real loop, and says in one line what is wrong with a file."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.bot.beside import beside, untouched

TOPICS = {
    "password": ("reset my password", "forgot the password", "password expired", "cannot log in, wrong password"),
    "parking": ("park my car", "garage for cars", "parking badge", "where is the car park"),
    "laptop": ("order a new laptop", "replace my laptop", "laptop is broken", "get a laptop"),
    "canteen": ("canteen opening hours", "when is lunch in the canteen", "canteen menu", "food in the canteen"),
    "holiday": ("request a holiday", "how many days of leave", "take a day off", "carry holidays over"),
}
AROUND = ("how do I {}?", "{}", "please help: {}", "question about {}", "can you tell me about {}")
SHARES = ("autonomy", "wrong_rate", "clicked", "wrong_clicks")
PERIOD = {"asked", *SHARES, "handed_over", "entries", "phrasings", "reviews"}


def _write(path: Path, outside: int = 10) -> Path:
    chance = random.Random(1)
    rows = [
        {"text": around.format(words), "about": topic}
        for topic, wordings in TOPICS.items()
        for words in wordings
        for around in AROUND
    ]
    rows += [{"text": f"what is the capital of country number {number}?", "about": "oos"} for number in range(outside)]
    chance.shuffle(rows)
    with gzip.open(path, "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


NAMED = ("--question", "text", "--topic", "about", "--outside", "oos", "--json")


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> list[dict[str, Any]]:
    """The same plan, run twice, with its page."""
    folder = tmp_path_factory.mktemp("backtest")
    past = str(_write(folder / "past.jsonl.gz"))
    found = []
    for _ in range(2):
        done = beside(
            folder, model_cache, "backtest", past, *NAMED, "--seed", "3", "--html", str(folder / "curves.html")
        )
        assert done.returncode == 0, done.stderr
        found.append(dict(json.loads(done.stdout)))
    assert untouched(folder), "the live workspace was touched"
    page = (folder / "curves.html").read_text()
    assert "<svg" in page and "http" not in page.replace("http://www.w3.org", ""), (
        "the page needs nothing from elsewhere"
    )
    return found


def test_each_period_says_what_became_of_its_questions(twice: list[dict[str, Any]]) -> None:
    found = twice[0]
    assert (found["seed"], found["max_wrong"], len(found["periods"])) == (3, 0.03, 3)
    for period in found["periods"]:
        assert period.keys() >= PERIOD
        shares = [period[name] for name in SHARES]
        assert all(0 <= share <= 1 for share in shares) and sum(shares) <= 1
    first, *_, last = found["periods"]
    assert last["entries"] == len(TOPICS) and last["phrasings"] > 2 * len(TOPICS), "nothing was learned"
    resolved = [one["autonomy"] + one["clicked"] for one in (first, last)]
    assert resolved[1] > resolved[0], "the loop does not help"


def test_the_same_seed_gives_the_same_result(twice: list[dict[str, Any]]) -> None:
    one, other = ({**found, "seconds": 0} for found in twice)
    assert one == other


def test_admins_are_asked_less_where_near_wordings_are_left_out(
    twice: list[dict[str, Any]], tmp_path: Path, model_cache: Path
) -> None:
    past = str(_write(tmp_path / "past.jsonl.gz"))
    done = beside(tmp_path, model_cache, "backtest", past, *NAMED, "--seed", "3", "--near-wording", "0.5")
    assert done.returncode == 0, done.stderr
    usual, fewer = (
        [sum(period[name] for period in found["periods"]) for name in ("reviews", "phrasings")]
        for found in (twice[0], json.loads(done.stdout))
    )
    assert fewer[0] < 0.8 * usual[0] and fewer[1] < usual[1]


def test_a_page_that_has_no_place_is_told_before_anything_is_read(tmp_path: Path, model_cache: Path) -> None:
    nowhere = tmp_path / "not there"
    for page, why in ((nowhere / "curves.html", f"there is no folder {nowhere}"), (tmp_path, "it is a folder")):
        done = beside(tmp_path, model_cache, "backtest", str(nowhere / "past.jsonl"), "--html", str(page))
        assert done.returncode != 0
        assert done.stderr.strip() == f"Error: {page} cannot be written: {why}."


@pytest.mark.parametrize(
    ("lines", "named", "said"),
    [
        ([], NAMED, "no rows"),
        ([{"text": "how?", "about": "oos"}] * 5, NAMED, "outside"),
        ([{"text": f"how {number}?", "about": "one"} for number in range(9)], (*NAMED[:-3], "--json"), "one topic"),
        ([{"text": "how?"}], ("--question", "words", "--json"), "words"),
        ([{"text": "how?"}], ("--question", "text", "--json"), "neither topics nor answers"),
    ],
)
def test_a_file_that_says_nothing_is_one_clear_line(
    tmp_path: Path, model_cache: Path, lines: list[dict[str, str]], named: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = beside(tmp_path, model_cache, "backtest", str(path), *named)
    assert done.returncode != 0 and done.stdout == ""
    assert said in " ".join(done.stderr.split()) and "Traceback" not in done.stderr
