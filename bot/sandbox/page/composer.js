// Where one writes: Enter sends, Shift+Enter makes a new line, and a list offers names, emoji and commands.

import { h, newId, replace } from "./dom.js";
import { emoji } from "./emoji.js";
import { icon } from "./icons.js";
import { pickEmoji } from "./picker.js";
import { suggestions } from "./suggestions.js";

// What was typed and not sent, by person, channel and thread: switching away and back loses nothing.
const drafts = new Map();

export class Composer {
  constructor(app, { channel, thread = null, label }) {
    Object.assign(this, { app, channel, thread, offered: null, chosen: 0 });
    this.draft = `${app.state.me.id}/${channel}/${thread ?? ""}`;
    this.listId = newId("suggestions");
    this.field = h("textarea", {
      class: "composer-field", rows: "1", placeholder: label, "aria-label": label, value: drafts.get(this.draft) ?? "",
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.listId, "data-key": "composer",
      enterkeyhint: "send",
      on: {
        input: () => this.#typed(), keydown: (event) => this.#keys(event), click: () => this.#offer(),
        blur: () => setTimeout(() => this.#hide(), 120),
      },
    });
    this.list = h("div", { class: "suggestions", id: this.listId, role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.button = h("button", { class: "send", type: "button", "aria-label": "Send", title: "Send (Enter)", on: { click: () => this.send() } }, icon("send"));
    const insert = (label2, content, run) => h("button", { class: "tool", type: "button", title: label2, "aria-label": label2, on: { click: (event) => run(event.currentTarget) } }, content);
    this.element = h("div", { class: "composer" }, this.list,
      h("div", { class: "composer-box" }, this.field,
        h("div", { class: "composer-bar" },
          insert("Mention somebody", "@", () => this.insert("@")),
          insert("Add emoji", icon("smile"), (anchor) => pickEmoji(anchor, (name) => this.insert(`${emoji(name)} `))),
          insert("Commands", "/", () => { if (!this.field.value) this.insert("/"); }),
          h("span", { class: "hint composer-hint" }, "Enter sends · Shift+Enter for a new line"),
          this.button)));
    this.#fit();
  }

  // Puts text where the cursor is, as if it had been typed.
  insert(text) {
    const { selectionStart: start, selectionEnd: end, value } = this.field;
    const space = text === "@" && start > 0 && !/\s$/.test(value.slice(0, start)) ? " " : "";
    this.field.setRangeText(space + text, start, end, "end");
    this.field.focus();
    this.#typed();
  }

  fill(text) {
    this.field.value = text;
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
    this.#typed();
    this.#hide();
  }

  async send() {
    const text = this.field.value.trim();
    if (!text || this.sending) return;
    this.sending = true;
    const sent = await this.app.say(text, { channel: this.channel, thread: this.thread });
    this.sending = false;
    if (!sent) return;
    drafts.delete(this.draft);
    this.field.value = "";
    this.#typed();
  }

  #typed() {
    if (this.field.value) drafts.set(this.draft, this.field.value);
    else drafts.delete(this.draft);
    this.#fit();
    this.#offer();
  }

  #fit() {
    this.button.disabled = !this.field.value.trim();
    this.field.style.height = "auto";
    if (this.field.scrollHeight) this.field.style.height = `${Math.min(this.field.scrollHeight, 220)}px`;
  }

  // --- suggestions ---

  #offer() {
    this.offered = suggestions(this.field.value, this.field.selectionStart, this.app.state);
    this.chosen = 0;
    if (!this.offered) return this.#hide();
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    replace(this.list, this.offered.options.map((one, index) => h("div", {
      class: "suggestion", role: "option", id: `${this.listId}-${index}`,
      // Before the field loses the keyboard.
      on: { mousedown: (event) => { event.preventDefault(); this.#take(index); } },
    }, h("span", {}, one.show), one.hint && h("span", { class: "suggestion-hint" }, one.hint))));
    return this.#choose(0);
  }

  #choose(index) {
    this.chosen = (index + this.offered.options.length) % this.offered.options.length;
    [...this.list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === this.chosen)));
    this.field.setAttribute("aria-activedescendant", `${this.listId}-${this.chosen}`);
  }

  #hide() {
    this.offered = null;
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  #take(index) {
    const { start, options } = this.offered;
    this.field.setRangeText(options[index].insert, start, this.field.selectionStart, "end");
    this.#typed();
  }

  #keys(event) {
    if (event.isComposing) return;
    if (this.offered) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const act = step ? () => this.#choose(this.chosen + step)
        : event.key === "Tab" || event.key === "Enter" ? () => this.#take(this.chosen)
          : event.key === "Escape" ? () => { event.stopPropagation(); this.#hide(); } : null;
      if (act) {
        event.preventDefault();
        act();
        return;
      }
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    }
  }
}
