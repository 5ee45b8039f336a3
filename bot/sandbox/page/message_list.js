// The messages of one place, a channel or a thread, oldest first. Changed messages are replaced one by one, so that
// a growing answer neither moves what one reads nor takes the keyboard away.

import { h, swap } from "./dom.js";
import { renderMessage } from "./message.js";
import { rove } from "./menu.js";
import { day, sameDay } from "./time.js";

// Messages of one author within this many seconds are shown as one group.
const GROUP = 300;
// Closer to the end than this, the list follows new messages; farther up, somebody is reading.
const FOLLOW = 120;

export class MessageList {
  // `intro` is shown above the first message; `thread` is the ts of the thread's first message, or null.
  constructor(app, { channel, thread = null, intro = null }) {
    Object.assign(this, { app, channel, thread, nodes: new Map(), intro });
    this.until = app.state.reading.until(app.state.me.id, channel, thread);
    this.element = h("div", { class: "messages", role: "log", "aria-live": "off", "aria-label": thread ? "Thread" : "Messages", tabindex: "0" });
    this.element.addEventListener("keydown", (event) => this.#keys(event));
    this.element.addEventListener("scroll", () => { this.follows = this.#distance() < FOLLOW; }, { passive: true });
    // Pictures and opening panes change heights after the fact; whoever stood at the end stays there.
    new ResizeObserver(() => this.follows && this.end()).observe(this.element);
    this.follows = true;
    this.update();
  }

  #distance = () => this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight;

  end() {
    this.element.scrollTop = this.element.scrollHeight;
    this.follows = true;
  }

  messages() {
    const { state } = this.app;
    return this.thread ? state.thread(this.channel, this.thread) : state.roots(this.channel);
  }

  // Where the last message of the list is one's own, the list goes there.
  update(change = {}) {
    const wanted = this.#wanted();
    const keys = new Set(wanted.map((one) => one.key));
    for (const [key, held] of this.nodes) {
      if (keys.has(key)) continue;
      held.node.remove();
      this.nodes.delete(key);
    }
    let last = null;
    for (const one of wanted) {
      const node = this.#settle(one);
      const place = last ? last.nextSibling : this.element.firstChild;
      if (place !== node) this.element.insertBefore(node, place);
      last = node;
    }
    const articles = [...this.element.querySelectorAll(":scope > article")];
    if (articles.length && !articles.some((one) => one.tabIndex === 0)) articles.at(-1).tabIndex = 0;
    const mine = change.fresh && change.message?.user === this.app.state.me.id;
    if (this.follows || mine) this.end();
  }

  // The node for what is wanted: the one that stands there, if nothing about it changed.
  #settle({ key, sign, make }) {
    const held = this.nodes.get(key);
    if (held?.sign === sign || held?.node.dataset.editing) return held.node;
    const fresh = make();
    if (held) {
      fresh.tabIndex = held.node.tabIndex;
      swap(held.node, fresh);
    } else if (this.nodes.size && fresh.tagName === "ARTICLE") {
      fresh.classList.add("arriving");
    }
    this.nodes.set(key, { node: fresh, sign });
    return fresh;
  }

  #wanted() {
    const { app, channel, thread } = this;
    const { state } = app;
    const tz = state.me.tz;
    const messages = this.messages();
    const wanted = this.intro ? [{ key: "intro", sign: "", make: () => this.intro }] : [];
    let before = null;
    let marked = false;
    for (const message of messages) {
      if (!thread && (!before || !sameDay(before.ts, message.ts, tz))) {
        wanted.push({ key: `day/${message.ts}`, sign: "", make: () => h("div", { class: "divider" }, h("span", {}, day(message.ts, tz))) });
      }
      if (!marked && before && this.until && message.ts > this.until && message.user !== state.me.id) {
        marked = true;
        wanted.push({ key: "new", sign: message.ts, make: () => h("div", { class: "divider new" }, h("span", {}, "New")) });
      }
      const near = isNear(before, message, thread);
      const status = thread ? "" : state.status(channel, message.ts);
      const news = !thread && state.reading.news(state.me.id, channel, message);
      wanted.push({
        key: message.ts, sign: JSON.stringify([message, near, status, news]),
        make: () => renderMessage(message, { app, channel, near, thread: Boolean(thread) }),
      });
      if (thread && message.ts === thread) wanted.push(this.#count(messages.length - 1));
      before = message;
    }
    return wanted;
  }

  #count(replies) {
    const said = replies === 1 ? "1 reply" : `${replies} replies`;
    return { key: "count", sign: said, make: () => h("div", { class: "divider left" }, h("span", {}, replies ? said : "No replies yet")) };
  }

  #keys(event) {
    const articles = [...this.element.querySelectorAll(":scope > article")];
    if (articles.includes(event.target)) rove(event, articles);
    else if (event.target === this.element && event.key === "ArrowUp") {
      event.preventDefault();
      articles.at(-1)?.focus();
    }
  }
}

function isNear(before, message, thread) {
  return Boolean(before) && before.user === message.user && !message.is_ephemeral && !before.is_ephemeral && before.ts !== thread
    && !before.reply_count && message.subtype !== "tombstone" && Number.parseFloat(message.ts) - Number.parseFloat(before.ts) < GROUP;
}
