// Short notices at the edge of the page, and the voice that reads new messages to those who listen.

import { h } from "./dom.js";
import { icon } from "./icons.js";

const LASTS = 6000;

export function toast(text, kind = "info") {
  const place = document.getElementById("toasts");
  const note = h("div", { class: `toast ${kind}` }, h("span", {}, text),
    h("button", { class: "button quiet square", type: "button", "aria-label": "Dismiss", on: { click: () => note.remove() } }, icon("close", 14)));
  place.append(note);
  // Above an open modal too.
  if (place.showPopover && !place.matches(":popover-open")) place.showPopover();
  setTimeout(() => note.remove(), LASTS);
}

export function announce(text) {
  const voice = document.getElementById("voice");
  voice.append(h("p", {}, text));
  while (voice.children.length > 3) voice.firstChild.remove();
}
