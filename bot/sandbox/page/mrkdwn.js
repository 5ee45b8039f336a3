// Slack's own markup to nodes. Text comes escaped (&amp; &lt; &gt;), so a real < is always one of Slack's tokens.

import { h } from "./dom.js";
import { piece, unescape } from "./inline.js";

const MARKS = { "*": "strong", "_": "em", "~": "s" };
// Marks nested deeper than this are shown as typed; it bounds the recursion.
const DEEPEST = 8;
const WORD = /[\p{L}\p{N}]/u;

// Block level: code fences, quotes, and lines. `names` resolves ids of people, channels and groups.
export function mrkdwn(text, names) {
  const root = document.createDocumentFragment();
  const parts = String(text ?? "").split("```");
  // With an even number of parts the last fence is not closed: then it is just three ticks.
  if (parts.length % 2 === 0) parts.push(parts.splice(-2).join("```"));
  parts.forEach((part, index) => {
    if (index % 2) root.append(h("pre", {}, h("code", {}, unescape(part.replace(/^\n|\n$/g, "")))));
    else lines(part, names, root, index > 0);
  });
  return root;
}

function lines(text, names, root, afterCode) {
  let rows = text.split("\n");
  if (afterCode && rows[0].trim() === "") rows = rows.slice(1);
  let quote = null;
  rows.forEach((row, index) => {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(row);
    if (quoted) {
      if (quote) quote.append("\n");
      else root.append((quote = h("blockquote")));
      quote.append(...inline(quoted[1], names));
      return;
    }
    if (!quote && index > 0) root.append("\n");
    quote = null;
    root.append(...inline(row, names));
  });
}

// Inline level: nodes of one line.
export function inline(text, names, depth = 0) {
  const nodes = [];
  // Where a search for a closing mark failed, a later one on the same line would fail too: this keeps it linear.
  const unclosed = new Set();
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(document.createTextNode(unescape(plain)));
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const found = marked(text, at, names, depth, unclosed) ?? piece(text, at, names);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

function marked(text, at, names, depth, unclosed) {
  const sign = text[at];
  if (sign === "`") {
    const end = unclosed.has(sign) ? -1 : text.indexOf("`", at + 1);
    if (end < 0) unclosed.add(sign);
    return end > at + 1 ? { node: h("code", {}, unescape(text.slice(at + 1, end))), end: end + 1 } : null;
  }
  const tag = MARKS[sign];
  if (!tag || depth >= DEEPEST || unclosed.has(sign) || !opens(text, at)) return null;
  const end = closing(text, at, sign);
  if (end < 0) {
    unclosed.add(sign);
    return null;
  }
  return { node: h(tag, {}, inline(text.slice(at + 1, end), names, depth + 1)), end: end + 1 };
}

const opens = (text, at) => !WORD.test(text[at - 1] ?? " ") && /[^\s]/.test(text[at + 1] ?? " ") && text[at + 1] !== text[at];

function closing(text, at, sign) {
  for (let end = text.indexOf(sign, at + 2); end > 0; end = text.indexOf(sign, end + 1)) {
    if (!/\s/.test(text[end - 1]) && !WORD.test(text[end + 1] ?? " ")) return end;
  }
  return -1;
}
