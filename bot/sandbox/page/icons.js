// The page's own icons, drawn as strokes on a 20 × 20 grid, so that no icon font or picture is loaded.

import { svg } from "./dom.js";

const PATHS = {
  reply: ["M3.5 5.5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H9l-3.5 3v-3a2 2 0 0 1-2-2z"],
  smile: ["M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14z", "M7.2 11.6c.6 1.2 1.6 1.8 2.8 1.8s2.2-.6 2.8-1.8", "M7.6 8.2v.1", "M12.4 8.2v.1"],
  more: ["M10 5v.1", "M10 10v.1", "M10 15v.1"],
  send: ["M3.5 10 16.5 3.8 13 16.2 9.7 11.2z", "M9.7 11.2l3-3.3"],
  close: ["M5 5l10 10", "M15 5 5 15"],
  back: ["M12 4.5 6.5 10l5.5 5.5"],
  lock: ["M5.5 9h9v7h-9z", "M7.3 9V6.8a2.7 2.7 0 0 1 5.4 0V9"],
  link: ["M8.5 11.5a3 3 0 0 0 4.3 0l2.4-2.4a3 3 0 0 0-4.3-4.3l-.9.9", "M11.5 8.5a3 3 0 0 0-4.3 0l-2.4 2.4a3 3 0 0 0 4.3 4.3l.9-.9"],
  sun: ["M10 13.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z", "M10 2.5v1.6M10 15.9v1.6M2.5 10h1.6M15.9 10h1.6M4.7 4.7l1.1 1.1M14.2 14.2l1.1 1.1M4.7 15.3l1.1-1.1M14.2 5.8l1.1-1.1"],
  moon: ["M16.5 11.8A6.8 6.8 0 0 1 8.2 3.5a6.8 6.8 0 1 0 8.3 8.3z"],
  compass: ["M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14z", "M12.8 7.2l-1.5 4.1-4.1 1.5 1.5-4.1z"],
  down: ["M5.5 8l4.5 4.5L14.5 8"],
  file: ["M5.5 3.5h6l3 3v10h-9z", "M11.5 3.5v3h3"],
  eye: ["M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5z", "M10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"],
  bolt: ["M10.8 3 5 11.2h4.2L8.6 17l6.2-8.4h-4.3z"],
  edit: ["M4 16l.7-3.3L13 4.4l2.6 2.6-8.3 8.3z"],
  trash: ["M4.5 6h11", "M8 6V4h4v2", "M6 6l.7 10.5h6.6L14 6"],
  copy: ["M7.5 7.5h8v8h-8z", "M12.5 7.5v-3h-8v8h3"],
  stop: ["M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14z", "M5.2 14.8l9.6-9.6"],
  check: ["M4.5 10.5l3.7 3.7 7.3-8"],
  users: ["M8 9.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z", "M2.8 16c.4-2.7 2.5-4.3 5.2-4.3s4.8 1.6 5.2 4.3", "M13 4.3a2.8 2.8 0 0 1 0 5.1", "M14.6 12c1.5.6 2.4 2 2.7 4"],
  "thumb-up": ["M6.5 9v7.5H3.8V9z", "M6.5 9l3.2-5.6c1.1 0 1.9.9 1.7 2l-.5 2.6h4.2c.9 0 1.6.9 1.4 1.8l-1.2 5.3c-.2.8-.8 1.4-1.7 1.4H6.5"],
  "thumb-down": ["M6.5 11V3.5H3.8V11z", "M6.5 11l3.2 5.6c1.1 0 1.9-.9 1.7-2l-.5-2.6h4.2c.9 0 1.6-.9 1.4-1.8l-1.2-5.3c-.2-.8-.8-1.4-1.7-1.4H6.5"],
};

export function icon(name, size = 18) {
  const drawn = svg("svg", {
    viewBox: "0 0 20 20", width: size, height: size, fill: "none", stroke: "currentColor",
    "stroke-width": name === "more" ? 2.2 : 1.5, "stroke-linecap": "round", "stroke-linejoin": "round",
    "aria-hidden": "true", class: "icon",
  });
  for (const d of PATHS[name] ?? []) drawn.append(svg("path", { d }));
  return drawn;
}

// The mark of the bot: a loop that closes on itself.
export function mark(size = 22) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor", "stroke-width": 2.4,
      "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" },
    svg("path", { d: "M18.7 8.2A7.7 7.7 0 1 0 19.7 12" }),
    svg("path", { d: "M19.4 3.8v4.7h-4.7" }),
    svg("path", { d: "M9 12.2l2.2 2.2 4-4.3" }),
  );
}
