// The pane of one thread: its first message, the replies, what the app is doing, and a composer of its own.

import { avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { MessageList } from "./message_list.js";
import { narrow } from "./width.js";

export class ThreadView {
  constructor(app) {
    Object.assign(this, { app, list: null, composer: null, shown: "" });
    this.status = h("div", { class: "status", role: "status" });
    this.element = h("aside", { class: "pane thread", "aria-label": "Thread", hidden: true });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) app.closeThread();
    });
    const { state } = app;
    state.on("place", () => this.#show());
    state.on("people", () => { this.shown = ""; });
    state.on("messages", (change) => change.channel === state.place.channel && this.list?.update(change));
    state.on("status", () => this.#status());
  }

  #show() {
    const { state } = this.app;
    const { channel: id, thread } = state.place;
    this.element.hidden = !thread;
    const key = thread ? `${state.me.id}/${id}/${thread}` : "";
    if (key === this.shown) return;
    this.shown = key;
    this.list = this.composer = null;
    if (!thread) {
      this.element.replaceChildren();
      return;
    }
    const channel = state.channel(id);
    this.list = new MessageList(this.app, { channel: id, thread });
    this.composer = new Composer(this.app, { channel: id, thread, label: "Reply…" });
    replace(this.element,
      h("header", { class: "pane-head" },
        h("button", { class: "button quiet square only-narrow", type: "button", "aria-label": "Back to the channel", on: { click: this.app.closeThread } }, icon("back")),
        h("div", { class: "pane-title" }, h("h2", {}, "Thread"), h("p", {}, channel.is_im ? "Answerloop" : `#${channel.name}`)),
        h("button", { class: "button quiet square not-narrow", type: "button", "aria-label": "Close the thread", on: { click: this.app.closeThread } }, icon("close"))),
      this.list.element, this.status, this.composer.element);
    this.#status();
    this.list.end();
    // A narrow page shows the keyboard over half of the thread: there one taps first.
    if (!narrow()) this.composer.field.focus({ preventScroll: true });
  }

  #status() {
    const { state } = this.app;
    const said = state.place.thread ? state.status(state.place.channel, state.place.thread) : "";
    replace(this.status, said && [avatar({ is_bot: true }, "small"), h("span", { class: "thinking" }, `${state.bot.real_name ?? "Answerloop"} ${said}`)]);
  }
}
