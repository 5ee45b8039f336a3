// Small floating panels: menus, pickers. They use the browser's own popovers, so that Escape, a click elsewhere and
// being above an open modal work without code here.

import { h } from "./dom.js";

// Shows `panel` next to `anchor` until it is dismissed; the keyboard then returns to where it came from.
export function float(panel, anchor, { align = "end" } = {}) {
  panel.setAttribute("popover", "auto");
  panel.classList.add("float");
  anchor.after(panel);
  panel.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    const lost = panel.contains(document.activeElement) || document.activeElement === document.body;
    panel.remove();
    if (lost) anchor.focus({ preventScroll: true });
  });
  panel.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  place(panel, anchor, align);
  return () => panel.matches(":popover-open") && panel.hidePopover();
}

function place(panel, anchor, align) {
  const at = anchor.getBoundingClientRect();
  const size = panel.getBoundingClientRect();
  const gap = 6;
  const below = at.bottom + gap + size.height <= innerHeight;
  const top = below ? at.bottom + gap : Math.max(gap, at.top - gap - size.height);
  const left = align === "end" ? at.right - size.width : at.left;
  panel.style.top = `${top}px`;
  panel.style.left = `${Math.max(gap, Math.min(left, innerWidth - size.width - gap))}px`;
}

// items: {label, hint, icon, danger, run} or null for a line between groups.
export function openMenu(anchor, items, { label = "More", align } = {}) {
  let close = () => {};
  const entries = items.map((item) => item
    ? h("button", {
      class: item.danger ? "menu-item danger" : "menu-item", role: "menuitem", type: "button", tabindex: "-1",
      on: { click: () => { close(); item.run(); } },
    }, item.icon, h("span", { class: "menu-label" }, item.label, item.hint && h("span", { class: "menu-hint" }, item.hint)))
    : h("div", { class: "menu-line", role: "separator" }));
  const panel = h("div", { class: "menu", role: "menu", "aria-label": label }, entries);
  panel.addEventListener("keydown", (event) => rove(event, [...panel.querySelectorAll("[role=menuitem]")]));
  close = float(panel, anchor, { align });
  panel.querySelector("[role=menuitem]")?.focus();
  return close;
}

// Arrow keys, Home and End move among `targets`; only one of them is in the order of Tab.
export function rove(event, targets, { horizontal = false } = {}) {
  const step = { [horizontal ? "ArrowRight" : "ArrowDown"]: 1, [horizontal ? "ArrowLeft" : "ArrowUp"]: -1 }[event.key];
  const ends = { Home: 0, End: targets.length - 1 }[event.key];
  if ((step === undefined && ends === undefined) || !targets.length) return;
  const now = targets.indexOf(document.activeElement);
  const next = targets[ends ?? (now + step + targets.length) % targets.length];
  event.preventDefault();
  for (const target of targets) target.tabIndex = target === next ? 0 : -1;
  next.focus();
}
