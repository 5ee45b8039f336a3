// The list of places: channels, then direct messages. One of them is in the order of Tab; arrows move among them.

import { avatar } from "./avatar.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { rove } from "./menu.js";

export class Sidebar {
  constructor(app) {
    this.app = app;
    this.list = h("div", { class: "places" });
    this.title = h("h2", { class: "team" });
    this.element = h("nav", { class: "pane sidebar", "aria-label": "Channels" }, this.title, this.list);
    this.list.addEventListener("keydown", (event) => rove(event, [...this.list.querySelectorAll(".place")]));
    for (const topic of ["channels", "place", "people", "messages"]) app.state.on(topic, () => this.update());
  }

  update() {
    const { state } = this.app;
    if (!state.me) return;
    // Built anew only when it would differ: a press must end on the element it began on.
    const sign = JSON.stringify([state.me.id, state.place.channel, [...state.channels.values()].map((one) => [one, state.unread(one.id)])]);
    if (sign === this.sign) return;
    this.sign = sign;
    const key = this.list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const all = [...state.channels.values()];
    this.title.textContent = state.team.name ?? "";
    replace(this.list,
      h("h3", {}, "Channels"), all.filter((one) => !one.is_im).map((one) => this.#place(one)),
      h("h3", {}, "Direct messages"), all.filter((one) => one.is_im).map((one) => this.#place(one)));
    if (key) this.list.querySelector(`[data-key="${key}"]`)?.focus();
  }

  #place(channel) {
    const { state } = this.app;
    const current = state.place.channel === channel.id;
    const unread = state.unread(channel.id);
    const name = channel.is_im ? state.person(channel.members?.find((id) => id !== state.me.id))?.real_name ?? "Answerloop" : channel.name;
    const sign = channel.is_im ? avatar({ is_bot: true }, "small") : channel.is_private ? icon("lock", 16) : h("span", { class: "hash", "aria-hidden": "true" }, "#");
    return h("button", {
      class: ["place", current && "current", unread && "unread"].filter(Boolean).join(" "), type: "button", tabindex: current ? "0" : "-1",
      "aria-current": current ? "page" : null, "data-key": channel.id, "data-channel": channel.is_im ? "dm" : channel.name,
      on: { click: () => this.app.open(channel.id) },
    }, h("span", { class: "place-sign" }, sign), h("span", { class: "place-name" }, name),
    channel.is_ext_shared && h("span", { class: "place-shared", title: "Shared with another company" }, icon("link", 14)),
    channel.is_im && h("span", { class: "tag" }, "APP"),
    unread > 0 && h("span", { class: "count-badge" }, unread, h("span", { class: "visually-hidden" }, " unread")));
  }
}
