// The middle pane: a channel's or a direct message's head, its messages or the app's home, and the composer.

import { avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { h, replace } from "./dom.js";
import { PURPOSES } from "./guide.js";
import { Home } from "./home.js";
import { icon } from "./icons.js";
import { MessageList } from "./message_list.js";
import { ago } from "./time.js";

export class ChannelView {
  constructor(app, { back }) {
    Object.assign(this, { app, back, list: null, home: null, composer: null, shown: "" });
    this.prompts = h("div", { class: "prompts" });
    this.element = h("main", { class: "pane channel", id: "main", tabindex: "-1", "aria-label": "Channel" });
    const { state } = app;
    state.on("place", () => this.#show());
    state.on("people", () => { this.shown = ""; });
    state.on("messages", (change) => {
      if (change.channel !== state.place.channel) return;
      this.list?.update(change);
      this.#prompts();
    });
    state.on("status", (change) => change.channel === state.place.channel && this.list?.update());
    state.on("channels", () => this.list?.update());
    state.on("home", () => this.home?.update());
    state.on("prompts", () => this.#prompts());
    // 'Just now' does not stay true.
    setInterval(() => {
      for (const said of this.element.querySelectorAll("[data-last]")) said.textContent = `Last reply ${ago(said.dataset.last)}`;
    }, 30_000);
  }

  #show() {
    const { state } = this.app;
    const { channel: id, tab } = state.place;
    const key = `${state.me.id}/${id}/${tab}`;
    if (key === this.shown) {
      this.list?.update();
      return;
    }
    this.shown = key;
    const channel = state.channel(id);
    const name = channel.is_im ? "Answerloop" : channel.name;
    this.list = this.home = this.composer = null;
    this.element.setAttribute("aria-label", channel.is_im ? `Direct message with ${name}` : `Channel ${name}`);
    if (tab === "home") {
      this.home = new Home(this.app);
      replace(this.element, this.#head(channel, name), this.home.element);
      return;
    }
    this.list = new MessageList(this.app, { channel: id, intro: this.#intro(channel, name) });
    this.composer = new Composer(this.app, { channel: id, label: channel.is_im ? `Message ${name}` : `Message #${name}` });
    replace(this.element, this.#head(channel, name), this.list.element, this.prompts, this.composer.element);
    this.#prompts();
    this.list.end();
  }

  #head(channel, name) {
    const { state } = this.app;
    const sign = channel.is_im ? avatar({ is_bot: true }, "small") : channel.is_private ? icon("lock", 18) : h("span", { class: "hash", "aria-hidden": "true" }, "#");
    const members = (channel.members ?? []).map((id) => state.person(id)).filter(Boolean);
    const said = channel.is_im ? "Only you and Answerloop see this" : PURPOSES[channel.name] ?? (channel.is_private ? "Private channel" : "Public channel");
    const tab = (id, label) => h("button", {
      class: "tab", type: "button", role: "tab", "aria-selected": String(state.place.tab === id), "data-tab": id,
      on: { click: () => this.app.open(channel.id, { tab: id }) },
    }, label);
    return [
      h("header", { class: "pane-head" },
        h("button", { class: "button quiet square only-narrow", type: "button", "aria-label": "Back to channels", on: { click: this.back } }, icon("back")),
        h("div", { class: "pane-title" }, h("h2", {}, sign, name), h("p", {}, said)),
        !channel.is_im && h("div", { class: "members", title: members.map((one) => one.real_name).join(", ") },
          members.slice(0, 5).map((one) => avatar(one, "small")), h("span", { class: "visually-hidden" }, `${members.length} members`))),
      channel.is_im && h("div", { class: "tabs", role: "tablist", "aria-label": name }, tab("home", "Home"), tab("messages", "Messages")),
    ];
  }

  #intro(channel, name) {
    const said = channel.is_im ? "Ask anything in your own words. When Answerloop is not sure it says so, and a person can take over." : PURPOSES[channel.name] ?? "";
    return h("div", { class: "intro" },
      channel.is_im ? avatar({ is_bot: true }, "large") : h("span", { class: "intro-sign" }, channel.is_private ? icon("lock", 24) : "#"),
      h("h3", {}, channel.is_im ? name : `This is where #${name} begins`), h("p", {}, said));
  }

  // What the app proposes to ask; shown until the first message.
  #prompts() {
    const { state } = this.app;
    const known = state.prompts.get(state.place.channel);
    const asked = state.roots(state.place.channel).length > 0;
    this.prompts.hidden = !known?.prompts?.length || asked;
    if (this.prompts.hidden) return;
    replace(this.prompts, h("p", { class: "prompts-title" }, known.title ?? "Try one of these"), h("div", { class: "prompts-list" },
      known.prompts.map((one) => h("button", {
        class: "prompt", type: "button", on: { click: () => this.app.say(one.message, { channel: state.place.channel }) },
      }, one.title))));
  }
}
