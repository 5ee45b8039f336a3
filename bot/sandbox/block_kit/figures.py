"""Checks of tables and charts.

https://docs.slack.dev/reference/block-kit/blocks/table-block, data-table-block and data-visualization-block
"""

from typing import Any

from bot.sandbox.block_kit.check import Check
from bot.sandbox.rules import Rule
from bot.sandbox.wire import Json

_MOST_ROWS = 100
_MOST_COLUMNS = 20
_MOST_SERIES = 6
_MOST_POINTS = 20
_LONGEST_SERIES_NAME = 20


def check_table(check: Check, block: Json, at: str) -> None:
    """A plain table."""
    for row, place in _rows(check, block, at, Rule.TABLE_ROWS, 1, _MOST_ROWS):
        for column, cell in enumerate(row):
            if _kind(cell) not in ("raw_text", "rich_text"):
                check.wrong(Rule.TABLE_CELL, f"{place}/{column}")
    settings = block.get("column_settings")
    if settings is not None and (not isinstance(settings, list) or len(settings) > _MOST_COLUMNS):
        check.wrong(Rule.TABLE_COLUMNS, f"{at}/column_settings")


def check_data_table(check: Check, block: Json, at: str) -> None:
    """A table that can be sorted and paged; its first row is the header."""
    if not block.get("caption") or not isinstance(block["caption"], str):
        check.wrong(Rule.DATA_TABLE_FIELDS, f"{at}/caption")
    size = block.get("page_size", 5)
    if not isinstance(size, int) or not 1 <= size <= 100:
        check.wrong(Rule.DATA_TABLE_FIELDS, f"{at}/page_size")
    rows = _rows(check, block, at, Rule.DATA_TABLE_ROWS, 2, _MOST_ROWS + 1)
    if len({len(row) for row, _ in rows}) > 1:
        check.wrong(Rule.DATA_TABLE_ROWS, f"{at}/rows")
    for number, (row, place) in enumerate(rows):
        allowed = ("raw_text", "raw_number") if number == 0 else ("raw_text", "raw_number", "rich_text")
        for column, cell in enumerate(row):
            if _kind(cell) not in allowed:
                check.wrong(Rule.DATA_TABLE_CELL, f"{place}/{column}")


def check_chart(check: Check, block: Json, at: str) -> None:
    """A pie, bar, area or line chart."""
    check.length(block.get("title"), f"{at}/title", Rule.CHART_TITLE, 50, required=True)
    chart = block.get("chart")
    kind = _kind(chart)
    if not isinstance(chart, dict) or kind not in ("pie", "bar", "area", "line"):
        check.wrong(Rule.CHART_KIND, f"{at}/chart")
        return
    if kind == "pie":
        segments = check.objects(chart.get("segments"), f"{at}/chart/segments", Rule.CHART_SERIES, _MOST_SERIES)
        _points(check, [segment for segment, _ in segments], f"{at}/chart/segments", None)
        return
    axis = chart.get("axis_config")
    categories = axis.get("categories") if isinstance(axis, dict) else None
    if not isinstance(categories, list) or not 1 <= len(categories) <= _MOST_POINTS:
        check.wrong(Rule.CHART_SERIES, f"{at}/chart/axis_config")
        return
    found = check.objects(chart.get("series"), f"{at}/chart/series", Rule.CHART_SERIES, _MOST_SERIES)
    for series, place in found:
        check.length(series.get("name"), f"{place}/name", Rule.CHART_SERIES, _LONGEST_SERIES_NAME, required=True)
        _points(check, series.get("data"), f"{place}/data", categories)


def _points(check: Check, points: Any, at: str, categories: list[Any] | None) -> None:
    """Points with a label and a number each; with categories, one for each of them in order."""
    wellformed = isinstance(points, list) and all(
        isinstance(point, dict)
        and isinstance(point.get("label"), str)
        and isinstance(point.get("value"), int | float)
        and not isinstance(point["value"], bool)
        for point in points
    )
    if (
        not wellformed
        or not 1 <= len(points) <= _MOST_POINTS
        or (categories is not None and [point["label"] for point in points] != categories)
    ):
        check.wrong(Rule.CHART_SERIES, at)


def _rows(check: Check, block: Json, at: str, rule: Rule, least: int, most: int) -> list[tuple[list[Any], str]]:
    rows = block.get("rows")
    if not isinstance(rows, list) or not least <= len(rows) <= most:
        check.wrong(rule, f"{at}/rows")
        return []
    found: list[tuple[list[Any], str]] = []
    for number, row in enumerate(rows):
        if isinstance(row, list) and 1 <= len(row) <= _MOST_COLUMNS:
            found.append((row, f"{at}/rows/{number}"))
        else:
            check.wrong(rule, f"{at}/rows/{number}")
    return found


def _kind(value: Any) -> Any:
    return value.get("type") if isinstance(value, dict) else None
