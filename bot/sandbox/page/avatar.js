// A person's picture: initials on a colour of their own; the bot has its mark.

import { h } from "./dom.js";
import { mark } from "./icons.js";

const HUES = { U0UMA: "violet", U0SAM: "blue", U0ADA: "amber", U0ANN: "rose", U0GUS: "olive", U0EVE: "slate" };
const OTHERS = ["violet", "blue", "amber", "rose", "olive", "slate"];

export function avatar(person, size = "normal") {
  if (!person) return h("span", { class: `avatar ${size} hue-slate`, "aria-hidden": "true" }, "?");
  if (person.is_bot) return h("span", { class: `avatar ${size} hue-bot`, "aria-hidden": "true" }, mark({ large: 24, small: 14 }[size] ?? 20));
  const initials = (person.real_name || person.name).split(/\s+/).map((word) => word[0]).slice(0, size === "small" ? 1 : 2).join("");
  const hue = HUES[person.id] ?? OTHERS[[...person.id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % OTHERS.length];
  return h("span", { class: `avatar ${size} hue-${hue}`, "aria-hidden": "true" }, initials);
}

// What somebody is in the loop; shown next to the name.
export function role(person) {
  if (!person || person.is_bot) return "";
  if (person.id === "U0SAM") return "Support";
  if (person.is_admin) return "Admin";
  if (person.is_restricted) return "Guest";
  return person.team_id === "T0ANSWER" ? "User" : "Partner";
}
