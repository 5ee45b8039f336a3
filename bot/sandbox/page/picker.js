// The emoji picker: a search field over a grid.

import { emoji, findEmoji, NAMES, spoken } from "./emoji.js";
import { h, replace } from "./dom.js";
import { float, rove } from "./menu.js";

const COLUMNS = 8;

export function pickEmoji(anchor, take) {
  let close = () => {};
  const grid = h("div", { class: "emoji-grid", role: "listbox", "aria-label": "Emoji" });
  const show = (names) => replace(grid, names.slice(0, 96).map((name, index) => h("button", {
    class: "emoji-cell", type: "button", role: "option", tabindex: index ? "-1" : "0", title: `:${name}:`, "aria-label": spoken(name),
    "data-emoji": name, on: { click: () => { close(); take(name); } },
  }, emoji(name))));
  const search = h("input", {
    class: "field", type: "search", placeholder: "Search emoji", "aria-label": "Search emoji",
    on: {
      input: () => show(search.value ? findEmoji(search.value.trim()) : NAMES),
      keydown: (event) => {
        if (event.key === "Enter") grid.querySelector("button")?.click();
        if (event.key === "ArrowDown") { event.preventDefault(); grid.querySelector("button")?.focus(); }
      },
    },
  });
  grid.addEventListener("keydown", (event) => {
    const cells = [...grid.children];
    const step = { ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (step === undefined) return rove(event, cells, { horizontal: true });
    event.preventDefault();
    const next = cells.indexOf(document.activeElement) + step;
    (cells[next] ?? (next < 0 ? search : cells.at(-1))).focus();
    return undefined;
  });
  show(NAMES);
  close = float(h("div", { class: "emoji-picker", role: "dialog", "aria-label": "Pick an emoji" }, search, grid), anchor);
  search.focus();
}
