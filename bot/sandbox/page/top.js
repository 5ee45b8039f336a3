// The bar at the top: whose eyes one looks through, the guide, and light or dark. Below it one line that says what
// this page is.

import { avatar, role } from "./avatar.js";
import { h, replace } from "./dom.js";
import { Elsewhere } from "./elsewhere.js";
import { cause, FAULTS } from "./faults.js";
import { HINTS } from "./guide.js";
import { icon, mark } from "./icons.js";
import { openMenu } from "./menu.js";
import { isDark, toggleTheme } from "./theme.js";

// The three the loop needs; the others are in the menu.
const MAIN = ["U0UMA", "U0SAM", "U0ADA"];

export class Top {
  constructor(app, { guide }) {
    Object.assign(this, { app, guide });
    this.people = h("div", { class: "people", role: "group", "aria-label": "You are" });
    this.theme = h("button", { class: "button quiet square", type: "button", on: { click: () => { toggleTheme(); this.#theme(); } } });
    this.offline = h("span", { class: "offline", role: "status" });
    this.hint = h("p", { class: "banner-hint" });
    const faults = h("button", {
      class: "button quiet square", type: "button", title: "Cause a fault", "aria-label": "Cause a fault", "aria-haspopup": "menu",
      on: { click: () => openMenu(faults, FAULTS.map((one) => ({ label: one.label, hint: one.hint, run: () => cause(one) })), { label: "Faults" }) },
    }, icon("bolt"));
    this.element = h("header", { class: "top" },
      h("div", { class: "brand" }, h("span", { class: "brand-mark" }, mark(20)), h("span", { class: "brand-name" }, "Answerloop")),
      this.people,
      h("div", { class: "top-tools" }, this.offline, faults,
        h("button", { class: "button quiet guide-button", type: "button", "aria-label": "Guide", on: { click: guide } }, icon("compass"), h("span", {}, "Guide")), this.theme));
    this.banner = h("div", { class: "banner", role: "note" },
      h("p", {}, h("strong", {}, "A stand-in for Slack"), h("span", { class: "banner-more" }, " on this machine only. Nothing leaves it.")), this.hint);
    app.state.on("people", () => this.update());
    app.state.on("connection", () => { this.offline.textContent = app.state.connected ? "" : "Reconnecting…"; });
    this.#theme();
    this.news = new Map();
    new Elsewhere(app, MAIN, (news) => {
      this.news = news;
      this.#marks();
    });
  }

  update() {
    const { people, me } = this.app.state;
    const main = MAIN.map((id) => people.find((one) => one.id === id)).filter(Boolean);
    const others = people.filter((one) => !MAIN.includes(one.id));
    const more = h("button", {
      class: "person-more", type: "button", "aria-haspopup": "menu", "aria-label": "Other people", title: "Other people",
      on: {
        click: () => openMenu(more, others.map((one) => ({
          label: one.real_name, hint: role(one), icon: avatar(one, "small"), run: () => this.app.signIn(one.id, this.app.state.place),
        })), { label: "Other people" }),
      },
    }, others.some((one) => one.id === me?.id) ? this.#face(me) : icon("users"), icon("down", 14));
    if (others.some((one) => one.id === me?.id)) more.classList.add("current");
    replace(this.people, main.map((one) => this.#person(one)), others.length > 0 && more);
    this.hint.textContent = HINTS[me?.id] ?? "";
    this.#marks();
  }

  #marks() {
    for (const button of this.people.querySelectorAll("[data-person]")) {
      const news = this.news.has(button.dataset.person) && !button.classList.contains("current");
      button.querySelectorAll(".news").forEach((mark) => mark.remove());
      if (news) button.append(h("span", { class: "news visually-hidden" }, ", has news"));
      if (news) button.querySelector(".avatar").append(h("span", { class: "news news-dot" }));
    }
  }

  #face = (person) => [avatar(person, "small"), h("span", { class: "person-name" }, person.real_name.split(" ")[0])];

  #person(person) {
    const current = person.id === this.app.state.me?.id;
    return h("button", {
      class: current ? "person current" : "person", type: "button", "aria-pressed": String(current), "data-person": person.id,
      title: `${person.real_name}, ${role(person).toLowerCase()}`, on: { click: () => this.#become(person) },
    }, this.#face(person), h("span", { class: "role" }, role(person)));
  }

  // Where there is news for somebody, that is where the loop goes on; otherwise one stays in the same place.
  #become(person) {
    const channel = this.news.get(person.id);
    this.app.signIn(person.id, channel ? { channel } : this.app.state.place);
  }

  #theme() {
    const said = isDark() ? "Use light colours" : "Use dark colours";
    this.theme.replaceChildren(icon(isDark() ? "sun" : "moon"));
    this.theme.setAttribute("aria-label", said);
    this.theme.title = said;
  }
}
