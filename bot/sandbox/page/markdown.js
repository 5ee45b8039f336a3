// Standard Markdown to nodes, for `markdown` blocks and streamed text: headings, lists, tables, quotes, code, links.
// Raw HTML is shown as text. A half-written text (a stream) gives a sensible half.

import { h } from "./dom.js";
import { link, piece, unescape } from "./inline.js";

const DEEPEST = 8;
const FENCE = /^\s{0,3}(```+|~~~+)\s*([\w+-]*)\s*$/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^\s{0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+•]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^\s{0,3}(?:>|&gt;)\s?(.*)$/;
const TABLE_LINE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function markdown(text, names, depth = 0) {
  const root = document.createDocumentFragment();
  root.append(...blocks(String(text ?? "").split("\n"), names, depth));
  return root;
}

function blocks(rows, names, depth) {
  const nodes = [];
  for (let at = 0; at < rows.length; ) {
    const [node, next] = fence(rows, at) ?? heading(rows, at, names) ?? rule(rows, at) ?? table(rows, at, names)
      ?? (depth < DEEPEST ? quote(rows, at, names, depth) ?? list(rows, at, names, depth) : null)
      ?? paragraph(rows, at, names, depth);
    if (node) nodes.push(node);
    at = next;
  }
  return nodes;
}

function fence(rows, at) {
  const open = FENCE.exec(rows[at]);
  if (!open) return null;
  let end = at + 1;
  while (end < rows.length && !rows[end].trim().startsWith(open[1])) end += 1;
  const code = unescape(rows.slice(at + 1, end).join("\n"));
  return [h("pre", {}, h("code", open[2] ? { "data-language": open[2] } : {}, code)), end + 1];
}

function heading(rows, at, names) {
  const match = HEADING.exec(rows[at]);
  // The page has its own headings; an answer's begin below them.
  return match && [h(`h${Math.min(6, match[1].length + 2)}`, {}, inline(match[2], names)), at + 1];
}

const rule = (rows, at) => (RULE.test(rows[at]) ? [h("hr"), at + 1] : null);

function cells(row) {
  const inner = row.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function table(rows, at, names) {
  if (!rows[at].includes("|") || !TABLE_LINE.test(rows[at + 1] ?? "") || !rows[at + 1].includes("-")) return null;
  const align = cells(rows[at + 1]).map((cell) => (/^:-+:$/.test(cell) ? "center" : /-:$/.test(cell) ? "right" : null));
  let end = at + 2;
  while (end < rows.length && rows[end].includes("|") && rows[end].trim()) end += 1;
  const row = (line, tag) => h("tr", {}, cells(line).map((cell, column) =>
    h(tag, { class: align[column] && `align-${align[column]}` }, inline(cell, names))));
  const body = rows.slice(at + 2, end).map((line) => row(line, "td"));
  return [h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, row(rows[at], "th")), h("tbody", {}, body))), end];
}

function quote(rows, at, names, depth) {
  let end = at;
  while (end < rows.length && QUOTE.test(rows[end])) end += 1;
  if (end === at) return null;
  const inside = rows.slice(at, end).map((row) => QUOTE.exec(row)[1]);
  return [h("blockquote", {}, blocks(inside, names, depth + 1)), end];
}

// Lines that are indented more than the item's own mark belong to the item: deeper lists, more paragraphs.
function list(rows, at, names, depth) {
  const first = ITEM.exec(rows[at]);
  if (!first) return null;
  const indent = first[1].length;
  const ordered = /\d/.test(first[2]);
  const items = [];
  let end = at;
  for (; end < rows.length; end += 1) {
    const item = ITEM.exec(rows[end]);
    const inside = /^\s*/.exec(rows[end])[0].length;
    if (item && inside <= indent + 1 && inside >= indent && /\d/.test(item[2]) === ordered) items.push([item[3]]);
    else if (rows[end].trim() && inside > indent) items.at(-1).push(rows[end].slice(Math.min(inside, indent + 2)));
    else if (!rows[end].trim() && /^\s+\S/.test(rows[end + 1] ?? "")) items.at(-1).push("");
    else if (!rows[end].trim() && ITEM.exec(rows[end + 1] ?? "")?.[1].length === indent) continue;
    else break;
  }
  const tag = ordered ? "ol" : "ul";
  const start = ordered && Number.parseInt(first[2], 10) !== 1 ? { start: Number.parseInt(first[2], 10) } : {};
  return [h(tag, start, items.map((inside) => listItem(inside, names, depth))), end];
}

function listItem(rows, names, depth) {
  const task = /^\[([ xX])\]\s+(.*)$/.exec(rows[0]);
  if (!task) return h("li", {}, tight(blocks(rows, names, depth + 1)));
  const box = h("input", { type: "checkbox", disabled: true, checked: task[1] !== " ", "aria-label": "done" });
  return h("li", { class: "task" }, box, tight(blocks([task[2], ...rows.slice(1)], names, depth + 1)));
}

// A single first paragraph needs no paragraph's margins.
const tight = (nodes) => (nodes[0]?.tagName === "P" ? [...nodes[0].childNodes, ...nodes.slice(1)] : nodes);

function paragraph(rows, at, names, depth) {
  if (!rows[at].trim()) return [null, at + 1];
  let end = at + 1;
  const begins = (row) => FENCE.test(row) || HEADING.test(row) || RULE.test(row) || (depth < DEEPEST && (ITEM.test(row) || QUOTE.test(row)));
  while (end < rows.length && rows[end].trim() && !begins(rows[end])) end += 1;
  const said = rows.slice(at, end).map((row) => row.trim());
  return [h("p", {}, said.flatMap((row, index) => (index ? [h("br"), ...inline(row, names)] : inline(row, names)))), end];
}

// Marks, longest first, so that ** is not read as two *.
const MARKS = [["***", ["strong", "em"]], ["**", ["strong"]], ["__", ["strong"]], ["~~", ["s"]], ["*", ["em"]], ["_", ["em"]]];

export function inline(text, names, depth = 0) {
  const nodes = [];
  const unclosed = new Set();
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const escaped = text[at] === "\\" && /[\\`*_{}[\]()#+\-.!|~<>]/.test(text[at + 1] ?? "");
    const found = escaped ? null
      : code(text, at, unclosed) ?? anchor(text, at, names, depth, unclosed) ?? marked(text, at, names, depth, unclosed) ?? piece(text, at, names);
    if (found) {
      if (plain) nodes.push(document.createTextNode(unescape(plain)));
      plain = "";
      nodes.push(found.node);
      at = found.end;
    } else {
      plain += escaped ? text[at + 1] : text[at];
      at += escaped ? 2 : 1;
    }
  }
  if (plain) nodes.push(document.createTextNode(unescape(plain)));
  return nodes;
}

function code(text, at, unclosed) {
  if (text[at] !== "`") return null;
  const ticks = /^`+/.exec(text.slice(at, at + 40))[0];
  const end = unclosed.has(ticks) ? -1 : text.indexOf(ticks, at + ticks.length);
  if (end < 0) {
    unclosed.add(ticks);
    return null;
  }
  return { node: h("code", {}, unescape(text.slice(at + ticks.length, end)).trim()), end: end + ticks.length };
}

// [label](address) and ![alternative](address): pictures from elsewhere are shown as links, so that reading a
// message never calls out.
const ANCHOR = /!?\[([^[\]\n]{0,2000})\]\(<?([^()\s<>]{1,2000})>?(?:\s+"[^"]*")?\)/y;

function anchor(text, at, names, depth, unclosed) {
  if ((text[at] !== "[" && !(text[at] === "!" && text[at + 1] === "[")) || unclosed.has("](")) return null;
  if (!text.includes("](", at)) {
    unclosed.add("](");
    return null;
  }
  ANCHOR.lastIndex = at;
  const match = ANCHOR.exec(text);
  if (!match) return null;
  const node = link(unescape(match[2]), unescape(match[1]));
  if (node.tagName === "A" && depth < DEEPEST && /[*_`~:]/.test(match[1])) {
    node.replaceChildren(...inline(match[1], names, depth + 1));
    // An address inside the label would be a link inside a link.
    for (const inner of node.querySelectorAll("a, button")) inner.replaceWith(inner.textContent);
  }
  return { node, end: ANCHOR.lastIndex };
}

function marked(text, at, names, depth, unclosed) {
  if (depth >= DEEPEST) return null;
  const mark = MARKS.find(([sign]) => text.startsWith(sign, at));
  if (!mark || unclosed.has(mark[0])) return null;
  const [sign, tags] = mark;
  const word = /[\p{L}\p{N}]/u;
  if (/\s/.test(text[at + sign.length] ?? " ") || (sign.startsWith("_") && word.test(text[at - 1] ?? " "))) return null;
  let end = text.indexOf(sign, at + sign.length + 1);
  while (end > 0 && (/\s/.test(text[end - 1]) || (sign.startsWith("_") && word.test(text[end + sign.length] ?? " ")))) {
    end = text.indexOf(sign, end + 1);
  }
  if (end < 0) {
    unclosed.add(sign);
    return null;
  }
  const inside = inline(text.slice(at + sign.length, end), names, depth + 1);
  return { node: tags.reduceRight((content, tag) => h(tag, {}, content), inside), end: end + sign.length };
}
