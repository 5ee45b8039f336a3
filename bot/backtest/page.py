"""The page of a backtest: curves and a table, in one file that loads nothing and runs nothing. Pure."""

from html import escape

from bot.backtest.chart import Series, areas, lines
from bot.backtest.report import Period, Report

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1d2126; --soft: #5b6570; --grid: #e3e7eb; --card: #f6f8fa;
  --right: #1b7f5c; --clicked: #3f7fd1; --people: #aab4be; --wrong: #c8382d; --misled: #e58a1f; --limit: #c8382d; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e8ebee; --soft: #98a3ad; --grid: #2b3137;
  --card: #1d2226; --right: #35a87e; --clicked: #5b97e6; --people: #59636d; --wrong: #ef6a5e; --misled: #f0a13c;
  --limit: #ef6a5e; } }
body { margin: 0 auto; max-width: 900px; padding: 32px 20px 64px; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 36px 0 2px; } p { margin: 0 0 10px; }
.soft, figcaption { color: var(--soft); } figure { margin: 0; } svg { width: 100%; height: auto; display: block; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 12px; margin: 22px 0 8px; }
.tile { background: var(--card); border-radius: 10px; padding: 12px 16px; }
.tile b { display: block; font-size: 26px; line-height: 1.25; } .tile span { color: var(--soft); font-size: 13px; }
.bad b, .bad { color: var(--wrong); }
.grid { stroke: var(--grid); } .tick, .name { font: 12px system-ui, sans-serif; fill: var(--soft); }
.name { fill: var(--ink); } .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
.limit { stroke: var(--limit); stroke-dasharray: 6 4; stroke-width: 1.6; } .key.limit { stroke: none; }
.area.right, .key.right { fill: var(--right); } .area.clicked, .key.clicked { fill: var(--clicked); }
.area.people, .key.people { fill: var(--people); } .area.wrong, .key.wrong, .key.limit { fill: var(--wrong); }
.area.misled, .key.misled { fill: var(--misled); } .area { stroke: var(--paper); stroke-width: 1; }
.line.right { stroke: var(--right); } .line.clicked { stroke: var(--clicked); } .line.people { stroke: var(--people); }
.line.wrong { stroke: var(--wrong); } .line.misled { stroke: var(--misled); } .dot { stroke: none; }
.dot.wrong { fill: var(--wrong); } .dot.misled { fill: var(--misled); } .dot.clicked { fill: var(--clicked); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin-top: 10px; }
th, td { text-align: right; padding: 5px 10px; border-bottom: 1px solid var(--grid);
  font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; padding-left: 0; } th { font-weight: 600; }
.alarm { background: var(--card); border-left: 4px solid var(--wrong); padding: 10px 14px; border-radius: 4px; }
"""


def page(found: Report) -> str:
    """The report as a page."""
    asked = sum(period.shares.asked for period in found.periods)
    parts = (
        _head(found, asked),
        _tiles(found),
        *(f'<p class="alarm">The bot raised an alarm: {escape(alarm)}</p>' for alarm in found.alarms),
        _figure(
            "What became of the questions",
            "Share of the questions in each part of the stream, from the first question to the last.",
            areas("What became of the questions", _fates(found.curve), asked),
        ),
        _figure(
            "Wrong answers and wrong clicks",
            f"Both together are to stay below {found.plan.max_wrong:.1%} of all questions. Parts are small, so single "
            "ones may lie above by chance; what counts is the table below.",
            _wrong(found, asked),
        ),
        _figure(
            "What people are asked for",
            "Decisions asked of admins for every 100 questions.",
            lines(
                "Decisions asked of admins for every 100 questions",
                [Series("decisions", "clicked", [one.reviews for one in found.curve])],
                asked,
                "{:.0f}".format,
            ),
        ),
        _table(found),
        _people(found),
    )
    title = f"Backtest of {escape(found.name)}"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _head(found: Report, asked: int) -> str:
    outside = f", {found.outside:,} of them with no right answer" if found.outside else ""
    return (
        f"<h1>What the bot would have done</h1><p class='soft'>{asked:,} past questions from {escape(found.name)}"
        f"{outside}, about {found.topics:,} topics. {found.known_topics:,} topics were known at the start; everything "
        "else was learned from what people answered and admins approved.</p>"
    )


def _tiles(found: Report) -> str:
    last = found.periods[-1].shares
    tiles = [
        ("", f"{last.autonomy:.0%}", "answered rightly without a person, in the last period"),
        ("", f"{last.autonomy + last.clicked:.0%}", "the same, with one click on the right question counted"),
        (
            "" if found.held else " bad",
            f"{max(one.shares.wrong_rate + one.shares.wrong_clicks for one in found.periods):.1%}",
            f"wrong in the worst period; {found.plan.max_wrong:.1%} were promised",
        ),
        ("", f"{found.periods[-1].reviews:.0f}", "decisions asked of admins for 100 questions, in the last period"),
    ]
    drawn = "".join(f'<div class="tile{kind}"><b>{value}</b><span>{said}</span></div>' for kind, value, said in tiles)
    return f'<div class="tiles">{drawn}</div>'


def _figure(title: str, caption: str, drawing: str) -> str:
    return f"<h2>{title}</h2><figure><figcaption>{caption}</figcaption>{drawing}</figure>"


def _fates(curve: tuple[Period, ...]) -> list[Series]:
    shares = [period.shares for period in curve]
    known = [(one.autonomy, one.clicked, one.wrong_clicks, one.wrong_rate) for one in shares]
    return [
        Series("answered rightly", "right", [one.autonomy for one in shares]),
        Series("right click", "clicked", [one.clicked for one in shares]),
        Series("people", "people", [max(0.0, 1 - sum(one)) for one in known]),
        Series("wrong click", "misled", [one.wrong_clicks for one in shares]),
        Series("answered wrongly", "wrong", [one.wrong_rate for one in shares]),
    ]


def _wrong(found: Report, asked: int) -> str:
    shares = [period.shares for period in found.curve]
    series = [
        Series("both", "wrong", [one.wrong_rate + one.wrong_clicks for one in shares]),
        Series("wrong clicks", "misled", [one.wrong_clicks for one in shares]),
    ]
    limit = ("promised", found.plan.max_wrong)
    return lines("Wrong answers and wrong clicks", series, asked, "{:.1%}".format, limit)


def _table(found: Report) -> str:
    rows = {
        "Questions": [f"{one.shares.asked:,}" for one in found.periods],
        "Answered rightly, alone": [f"{one.shares.autonomy:.1%}" for one in found.periods],
        "Answered wrongly, alone": [f"{one.shares.wrong_rate:.1%}" for one in found.periods],
        "… as the bot expected": [f"{one.shares.promised:.1%}" for one in found.periods],
        "Resolved by a click": [f"{one.shares.clicked:.1%}" for one in found.periods],
        "Wrong clicks": [f"{one.shares.wrong_clicks:.1%}" for one in found.periods],
        "Handed over to people": [f"{one.handed_over:,}" for one in found.periods],
        "… settled by the reply to another": [f"{one.saved_by_grouping:,}" for one in found.periods],
        "Entries known at the end": [f"{one.known.entries:,}" for one in found.periods],
        "Phrasings known at the end": [f"{one.known.phrasings:,}" for one in found.periods],
        "Decisions of admins per 100 questions": [f"{one.reviews:.1f}" for one in found.periods],
        "Spot checks by staff": [f"{one.spot_checks:,}" for one in found.periods],
    }
    head = "".join(f"<th>Period {number}</th>" for number in range(1, len(found.periods) + 1))
    body = "".join(
        f"<tr><td>{name}</td>{''.join(f'<td>{value}</td>' for value in values)}</tr>" for name, values in rows.items()
    )
    first = found.first
    return (
        f"<h2>Period by period</h2><div class='scroll'><table><tr><th></th>{head}</tr>{body}</table></div>"
        f"<p class='soft' style='margin-top:10px'>Over the first {first.asked:,} questions {first.wrong_rate:.1%} were "
        f"answered wrongly and {first.wrong_clicks:.1%} were wrong clicks.</p>"
    )


def _people(found: Report) -> str:
    plan = found.plan
    return (
        "<h2>How people were simulated</h2><p class='soft'>"
        f"A wrong answer is voted down {plan.vote_share:.0%} of the time, and who does that gets a person. Where "
        f"questions are offered, the right one is clicked {plan.click_share:.0%} of the time; where it is not among "
        f"them, a wrong one {plan.wrong_click_share:.0%} of the time. Staff answer rightly {plan.resolve_delay} "
        f"questions later. Admins approve {plan.approve_share:.0%} of the right proposals {plan.review_delay} "
        f"questions later, and reject every wrong one; a wording that is like a known one by {plan.near_wording:g} or "
        f"more is not put to them. Seed {plan.seed}.</p>"
    )
