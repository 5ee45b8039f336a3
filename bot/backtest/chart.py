"""Charts as SVG: areas that add up to a whole, and lines with a limit. Pure; colours come from the page's classes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

#: Pixels: the drawing, and the room around it for the words.
WIDTH, HEIGHT = 860, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 158, 12, 36
#: Words that stand beneath each other need so much room.
_LINE = 16


@dataclass(frozen=True)
class Series:
    """One thing that changes from part to part."""

    label: str
    #: Names the colour.
    kind: str
    values: Sequence[float]


@dataclass(frozen=True)
class Frame:
    """Where on the paper a value stands."""

    #: How many parts there are, and how many questions.
    parts: int
    questions: int
    #: The value at the top.
    most: float

    def x(self, part: int) -> float:
        """The middle of a part; a single one stands in the middle of all."""
        if self.parts == 1:
            return _LEFT + self.width / 2
        return _LEFT + self.width * part / (self.parts - 1)

    def y(self, value: float) -> float:
        """The height of a value."""
        return _TOP + self.height * (1 - min(value, self.most) / self.most)

    @property
    def width(self) -> float:
        """Pixels from the first part to the last."""
        return WIDTH - _LEFT - _RIGHT

    @property
    def height(self) -> float:
        """Pixels from nothing to the most."""
        return HEIGHT - _TOP - _BOTTOM


def areas(title: str, series: Sequence[Series], questions: int) -> str:
    """Shares (0 to 1) that add up to one, on top of each other, the first at the bottom."""
    frame = Frame(len(series[0].values), questions, 1.0)
    floor = [0.0] * frame.parts
    drawn, names = [], []
    for each in series:
        top = [low + value for low, value in zip(floor, each.values, strict=True)]
        edge = [*_points(frame, top), *reversed(_points(frame, floor))]
        drawn.append(f'<polygon class="area {each.kind}" points="{" ".join(edge)}"/>')
        names.append((frame.y((floor[-1] + top[-1]) / 2), each, f"{each.values[-1]:.0%}"))
        floor = top
    return _svg(title, [*drawn, *_axes(frame, [0, 0.25, 0.5, 0.75, 1], "{:.0%}".format), *_names(names)])


def lines(
    title: str,
    series: Sequence[Series],
    questions: int,
    shown: Callable[[float], str],
    limit: tuple[str, float] | None = None,
) -> str:
    """Values that change.

    Args:
        shown: how a value is written.
        limit: what must not be exceeded, and how that line is called.
    """
    highest = max([*(value for each in series for value in each.values), limit[1] if limit else 0.0])
    step = _step(highest)
    most = step * (int(highest / step) + 1)
    frame = Frame(len(series[0].values), questions, most)
    ticks = [step * number for number in range(round(most / step) + 1)]
    drawn, names = _axes(frame, ticks, shown), []
    if limit is not None:
        y = frame.y(limit[1])
        drawn.append(f'<line class="limit" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        names.append((y, Series(limit[0], "limit", ()), shown(limit[1])))
    for each in series:
        drawn.append(f'<polyline class="line {each.kind}" points="{" ".join(_points(frame, each.values))}"/>')
        if frame.parts == 1:
            drawn.append(
                f'<circle class="dot {each.kind}" cx="{frame.x(0):.1f}" cy="{frame.y(each.values[0]):.1f}" r="4"/>'
            )
        names.append((frame.y(each.values[-1]), each, shown(each.values[-1])))
    return _svg(title, [*drawn, *_names(names)])


def _svg(title: str, inside: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(inside)}</svg>"
    )


def _points(frame: Frame, values: Sequence[float]) -> list[str]:
    if frame.parts == 1 and len(values) == 1:  # an area of one part is a band
        return [f"{x:.1f},{frame.y(values[0]):.1f}" for x in (_LEFT, _LEFT + frame.width)]
    return [f"{frame.x(part):.1f},{frame.y(value):.1f}" for part, value in enumerate(values)]


def _axes(frame: Frame, ticks: Sequence[float], shown: Callable[[float], str]) -> list[str]:
    drawn = []
    for tick in ticks:
        y = frame.y(tick)
        drawn.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        drawn.append(f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{shown(tick)}</text>')
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        x = _LEFT + frame.width * share
        word = f"{round(frame.questions * share):,} questions" if share else "start"
        drawn.append(f'<text class="tick" x="{x:.1f}" y="{HEIGHT - _BOTTOM + 22}" text-anchor="{anchor}">{word}</text>')
    return drawn


def _names(names: Sequence[tuple[float, Series, str]]) -> list[str]:
    """The names at the right edge, moved apart where they would stand on each other."""
    drawn: list[str] = []
    lowest = HEIGHT - _BOTTOM + 4.0
    placed: list[float] = []
    ordered = sorted(names, key=lambda each: each[0])
    for y, _, _ in ordered:
        placed.append(max(y + 4, placed[-1] + _LINE if placed else _TOP + 8.0))
    for index in range(len(placed) - 1, -1, -1):  # what fell out at the bottom pushes the others up
        placed[index] = min(placed[index], lowest - _LINE * (len(placed) - 1 - index))
    for (_, each, value), y in zip(ordered, placed, strict=True):
        x = WIDTH - _RIGHT + 10
        drawn.append(f'<rect class="key {each.kind}" x="{x}" y="{y - 9:.1f}" width="10" height="10" rx="2"/>')
        drawn.append(f'<text class="name" x="{x + 16}" y="{y:.1f}">{escape(each.label)} {value}</text>')
    return drawn


def _step(highest: float) -> float:
    """The distance of lines behind the drawing: 1, 2 or 5 times a power of ten, so that there are three to six."""
    step = 10.0**-4
    while highest / step > 5:
        for factor in (2.0, 2.5, 2.0):
            step *= factor
            if highest / step <= 5:
                break
    return step
