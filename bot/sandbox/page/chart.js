// `data_visualization` blocks: pie, bar, area and line charts as plain SVG, each with its figures as a table for those
// who read instead of look.

import { h, svg } from "./dom.js";

const WIDTH = 560;
const HEIGHT = 220;
const EDGE = { left: 44, right: 12, top: 12, bottom: 26 };
// How many lines the scale has, about.
const TICKS = 4;

const short = (value) => new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 2 }).format(value);

export function chart(block) {
  const { chart: drawn } = block;
  const pie = drawn.type === "pie";
  const names = pie ? drawn.segments.map((one) => one.label) : drawn.series.map((one) => one.name);
  return h("figure", { class: "block figure chart" },
    h("figcaption", {}, block.title),
    pie ? pieOf(drawn.segments) : axesOf(drawn),
    h("div", { class: "legend", "aria-hidden": "true" }, names.map((name, index) => h("span", { class: `series-${index}` }, name))),
    h("div", { class: "visually-hidden" }, figures(drawn, pie)));
}

function figures(drawn, pie) {
  const series = pie ? [{ name: "Value", data: drawn.segments }] : drawn.series;
  return h("table", {},
    h("thead", {}, h("tr", {}, h("th", {}, ""), series.map((one) => h("th", {}, one.name)))),
    h("tbody", {}, series[0].data.map((point, row) => h("tr", {}, h("th", {}, point.label), series.map((one) => h("td", {}, one.data[row].value))))));
}

// A step of 1, 2 or 5 times a power of ten, so that the scale can be read.
function stepOf(span) {
  const rough = span / TICKS || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
}

function axesOf({ type, series, axis_config: axis }) {
  const values = series.flatMap((one) => one.data.map((point) => point.value));
  const step = stepOf(Math.max(...values, 0) - Math.min(...values, 0));
  const low = Math.floor(Math.min(...values, 0) / step) * step;
  const high = Math.max(Math.ceil(Math.max(...values, 0) / step) * step, low + step);
  const labels = axis.categories;
  const wide = WIDTH - EDGE.left - EDGE.right;
  const slot = wide / labels.length;
  const x = (index) => EDGE.left + slot * (index + 0.5);
  const y = (value) => EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - (value - low) / (high - low));
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot", "aria-hidden": "true" });
  for (let at = low; at <= high + step / 2; at += step) {
    picture.append(svg("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(at), y2: y(at), class: "grid-line" }));
    picture.append(svg("text", { x: EDGE.left - 8, y: y(at) + 4, "text-anchor": "end" }, short(at)));
  }
  // As many labels as fit beside each other.
  const every = Math.ceil((Math.max(...labels.map((one) => one.length)) * 7 + 10) / slot);
  labels.forEach((label, index) => index % every || picture.append(svg("text", { x: x(index), y: HEIGHT - 8, "text-anchor": "middle" }, label)));
  series.forEach((one, index) => picture.append(...(type === "bar" ? bars(one, index, series.length, slot, x, y) : lines(one, index, type, x, y))));
  return picture;
}

function bars(one, index, count, slot, x, y) {
  const width = Math.min(34, (slot * 0.7) / count);
  return one.data.map((point, at) => svg("rect", {
    x: x(at) + (index - count / 2) * width + 1, width: width - 2, y: Math.min(y(point.value), y(0)), height: Math.max(1, Math.abs(y(point.value) - y(0))), rx: 2, class: `fill-${index}`,
  }));
}

function lines(one, index, type, x, y) {
  const points = one.data.map((point, at) => `${x(at)},${y(point.value)}`);
  const line = svg("polyline", { points: points.join(" "), class: `line-${index}` });
  const area = svg("polygon", { points: `${x(0)},${y(0)} ${points.join(" ")} ${x(one.data.length - 1)},${y(0)}`, class: `fill-${index} area` });
  return type === "area" ? [area, line] : [line, ...one.data.map((point, at) => svg("circle", { cx: x(at), cy: y(point.value), r: 3, class: `fill-${index}` }))];
}

function pieOf(segments) {
  const total = segments.reduce((sum, one) => sum + Math.max(0, one.value), 0) || 1;
  const picture = svg("svg", { viewBox: "0 0 200 200", class: "plot pie", "aria-hidden": "true" });
  let turned = -Math.PI / 2;
  segments.forEach((one, index) => {
    const share = Math.max(0, one.value) / total;
    const [from, to] = [turned, (turned += share * 2 * Math.PI)];
    const at = (angle) => `${100 + 92 * Math.cos(angle)} ${100 + 92 * Math.sin(angle)}`;
    // A full circle has no arc from itself to itself.
    picture.append(share > 0.9999 ? svg("circle", { cx: 100, cy: 100, r: 92, class: `fill-${index}` })
      : svg("path", { d: `M100 100 L${at(from)} A92 92 0 ${share > 0.5 ? 1 : 0} 1 ${at(to)} Z`, class: `fill-${index} slice` }));
  });
  return picture;
}
