"""Replays in words: estimates, runs, and what a run shows."""

from typing import Any

#: How many ids of a kind are listed; JSON has all.
_LISTED = 20
#: Characters of a run's id.
_ID = 26


def estimate_line(told: dict[str, Any]) -> str:
    """What a run will take, in one sentence."""
    found, setup = told["estimate"], told["setup"]
    parts = [f"{found['cases']} cases", f"about {_duration(found['time'])}"]
    if setup["model"]:
        parts.append(
            f"up to {found['tokens_in']:,} tokens read and {found['tokens_out']:,} written by {setup['model']}"
        )
        known = found["cost"] is not None
        parts.append(f"cost {found['cost']:.2f}" if known else "cost not known: give --price-input and --price-output")
    else:
        parts.append("no model, no cost")
    note = "" if found["from_records"] else " (No record tells how long a model takes; this is assumed.)"
    return "; ".join(parts) + "." + note


def _duration(seconds: float) -> str:
    return f"{max(seconds, 1):.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def show_list(found: list[dict[str, Any]], *, json: bool) -> None:
    """Print runs, newest first."""
    from rich.table import Column, Table

    from bot.cli.console import output, print_json

    if json:
        for one in found:
            print_json(one)
        return
    # A run is typed again from here, so its id is shown whole however narrow the terminal is.
    run = Column("run", no_wrap=True, min_width=_ID)
    table = Table(run, "at", "model", "knowledge", "pairs", "missing", "waiting", box=None, pad_edge=False)
    for one in found:
        setup = one["setup"]
        knowledge = "recorded" if setup.get("knowledge") is None else str(setup["knowledge"])
        counts = (f"{one['done']} of {one['total']}", str(one["missing"] + one["failed"]), str(one["waiting"]))
        table.add_row(one["run"], one["at"][:19], setup.get("model") or "none", knowledge, *counts)
    output.print(table)


def show(found: dict[str, Any]) -> None:
    """Print what a run shows."""
    from rich.table import Table

    from bot.cli.console import output

    verdict = found["verdict"]
    lines = [f"{verdict['pairs']} of {verdict['cases']} cases have a pair; one without is no pass."]
    lines += [f"  {count} without: {reason}" for reason, count in verdict["missing"].items()]
    if verdict["waiting"]:
        lines.append(f"  {verdict['waiting']} wait.")
    lines += ["", *_safety(verdict["safety"]), ""]
    for line in lines:
        output.print(line, markup=False, highlight=False, soft_wrap=True)
    level = f"{verdict['level'] * 100:.0f} %"
    table = Table("of all cases", "", level, box=None, pad_edge=False)
    names = {"same_words": "the same words", "same_text": "the same but for layout", "agrees": "comes to the same"}
    for key, name in names.items():
        if verdict[key] is not None:
            table.add_row(name, f"{verdict[key]['estimate']:.1%}", _range(verdict[key]))
    output.print(table)
    output.print()
    table = Table("", "gained", "lost", "McNemar p", "difference", level, box=None, pad_edge=False)
    for one in verdict["paired"]:
        interval = one["by_conversation"] or one["difference"]
        counts = (str(one["gained"]), str(one["lost"]), f"{one['mcnemar_p']:.3g}")
        table.add_row(one["name"], *counts, f"{one['difference']['estimate']:+.1%}", _range(interval, "+"))
    output.print(table)
    for line in _further(found):
        output.print(line, markup=False, highlight=False, soft_wrap=True)


def _safety(safety: dict[str, Any]) -> list[str]:
    """Each direction by itself: what became unsafe is never set off against what became safe."""
    became, worse = safety["became_unsafe"], safety["worse"]
    lines = [f"Became unsafe: {len(became)}" + _some(became)]
    if worse:
        lines.append(f"Was unsafe and is so in a further way: {len(worse)}" + _some(worse))
    if safety["became_safe"] or safety["stayed_unsafe"]:
        lines.append(f"Became safe: {safety['became_safe']}; unsafe before and after: {safety['stayed_unsafe']}.")
    return lines


def _further(found: dict[str, Any]) -> list[str]:
    verdict = found["verdict"]
    lines = [""]
    changes = {
        "Answered now": [_id(one) for one in found["cases"] if _answered(one) == "gained"],
        "Not answered any more": [_id(one) for one in found["cases"] if _answered(one) == "lost"],
        "Tools called otherwise": verdict["tools_differ"],
    }
    lines += [f"{name}: {len(ids)}{_some(ids)}" for name, ids in changes.items() if ids]
    lines += [f"Taken for '{one['before']}' then, '{one['after']}' now: {one['cases']}" for one in verdict["intents"]]
    if verdict["agreement_median"] is not None:
        median = f"{verdict['agreement_median']:.2f}"
        lines.append(f"Nearness of meaning where both answer: {median} in the middle; it decides nothing by itself.")
    if verdict["tokens_in"] is not None:
        cost = "" if verdict["cost"] is None else f", cost {verdict['cost']:.4g}"
        lines.append(f"{verdict['tokens_in']:,} tokens read, {verdict['tokens_out']:,} written{cost}.")
    return lines


def _answered(case: dict[str, Any]) -> str:
    return str(case["difference"]["answered"]) if "difference" in case else ""


def _id(case: dict[str, Any]) -> str:
    return str(case["decision"])


def _some(ids: list[str]) -> str:
    if not ids:
        return ""
    more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
    return ": " + ", ".join(ids[:_LISTED]) + more


def _range(interval: dict[str, float], sign: str = "") -> str:
    return f"{interval['low']:{sign}.1%} to {interval['high']:{sign}.1%}"
