// Building the page from values. Text only ever becomes text nodes, never markup: nothing in this folder assigns
// `innerHTML`, so that no message, name or answer can bring elements or scripts of its own.

const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "hidden", "open", "indeterminate", "required"]);
const SVG = "http://www.w3.org/2000/svg";

// Children may be nodes, strings, numbers, nested lists; null, undefined and false are left out.
export function append(parent, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

// h("button", {class: "x", on: {click: f}, "aria-label": "…"}, "Send")
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "dataset") {
      Object.assign(node.dataset, value);
    } else if (PROPERTIES.has(name)) {
      node[name] = value;
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  return append(node, ...children);
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  for (const child of children) node.append(child);
  return node;
}

export function replace(parent, ...children) {
  parent.replaceChildren();
  return append(parent, ...children);
}

let made = 0;
// An id for `for`, `aria-labelledby` and the like; unique on this page.
export function newId(stem) {
  made += 1;
  return `${stem}-${made}`;
}

// Only addresses that lead somewhere harmless become links or images; `javascript:` and the like stay words.
export function safeUrl(url, schemes = ["http:", "https:", "mailto:"]) {
  try {
    const parsed = new URL(url, location.href);
    return schemes.includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

// Replaces `old` by `fresh` and puts the keyboard back where it was: the element with the same `data-key`.
export function swap(old, fresh) {
  const active = document.activeElement;
  const key = old.contains(active) ? active.closest("[data-key]")?.dataset.key ?? "" : null;
  old.replaceWith(fresh);
  if (key === null) return fresh;
  const again = key ? fresh.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
  (again ?? fresh).focus?.({ preventScroll: true });
  return fresh;
}
