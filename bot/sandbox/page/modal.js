// Modals: the view on top of one person's stack. An update of the same view keeps what was typed; a view pushed on
// top comes with inputs of its own, and the one below is found again as it was.

import { renderBlocks } from "./blocks.js";
import { h, newId, replace } from "./dom.js";
import { textObject } from "./elements.js";
import { FormValues } from "./form_values.js";
import { icon } from "./icons.js";
import { textOf } from "./inputs.js";

export class Modals {
  constructor(app) {
    this.app = app;
    this.forms = new Map();
    this.shown = null;
    this.title = newId("modal-title");
    this.dialog = h("dialog", {
      class: "modal", "aria-labelledby": this.title,
      on: {
        // Escape: the app is told, and the answer decides what is shown then.
        cancel: (event) => { event.preventDefault(); this.#close(); },
        keydown: (event) => this.#keys(event),
      },
    });
    document.body.append(this.dialog);
    app.state.on("views", () => this.update());
    app.state.on("people", () => this.forms.clear());
  }

  update() {
    const { views } = this.app.state;
    const view = views.at(-1);
    for (const id of this.forms.keys()) if (!views.some((one) => one.id === id)) this.forms.delete(id);
    if (!view) {
      this.shown = null;
      if (this.dialog.open) this.dialog.close();
      return;
    }
    const same = this.shown?.id === view.id;
    if (same && this.shown.hash === view.hash) return;
    this.shown = view;
    if (!this.forms.has(view.id)) this.forms.set(view.id, { values: new FormValues(), errors: {} });
    this.#render(view, views.length > 1);
    if (!this.dialog.open) this.dialog.showModal();
    if (!same) this.#first()?.focus();
  }

  #render(view, stacked) {
    const form = this.forms.get(view.id);
    const key = document.activeElement?.closest?.("[data-key]")?.dataset.key;
    const scrolled = this.dialog.querySelector(".modal-body")?.scrollTop ?? 0;
    const surface = {
      names: this.app.names, values: form.values, errors: form.errors,
      act: (block, element, payload) => this.app.act({ view_id: view.id, values: form.values.submitted(view.blocks) }, block, element, payload),
    };
    const general = Object.entries(form.errors).filter(([block]) => !view.blocks.some((one) => one.block_id === block));
    const body = h("div", { class: "modal-body" },
      general.map(([, text]) => h("p", { class: "input-error", role: "alert" }, text)), renderBlocks(view.blocks, surface));
    replace(this.dialog,
      h("form", { class: "modal-form", novalidate: true, on: { submit: (event) => { event.preventDefault(); this.#submit(view); } } },
        h("header", { class: "modal-head" },
          stacked && h("button", { class: "button quiet square", type: "button", "aria-label": "Back", on: { click: () => this.#close() } }, icon("back")),
          h("h2", { id: this.title }, textObject(view.title, this.app.names)),
          h("button", { class: "button quiet square", type: "button", "aria-label": "Close", on: { click: () => this.#close() } }, icon("close"))),
        body,
        h("footer", { class: "modal-foot" },
          h("button", { class: "button", type: "button", on: { click: () => this.#close() } }, textOf(view.close) || (view.submit ? "Cancel" : "Close")),
          view.submit && h("button", { class: "button primary", type: "submit", "data-key": "submit" }, textOf(view.submit)))));
    body.scrollTop = scrolled;
    if (key) this.dialog.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }

  async #submit(view) {
    const form = this.forms.get(view.id);
    const button = this.dialog.querySelector("[type=submit]");
    if (!form || !button || button.disabled) return;
    form.errors = this.#missing(view, form);
    if (!Object.keys(form.errors).length) {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
      form.errors = (await this.app.submit(view, form.values.submitted(view.blocks))) ?? {};
    }
    if (this.shown?.id !== view.id) return;
    this.#render(this.shown, this.app.state.views.length > 1);
    (this.dialog.querySelector("[aria-invalid=true], .wrong input, .wrong summary") ?? this.#first())?.focus();
  }

  // The client asks for required fields before it sends anything.
  #missing(view, form) {
    const errors = {};
    for (const block of view.blocks.filter((one) => one.type === "input" && !one.optional)) {
      const value = form.values.get(block.block_id, block.element.action_id);
      const said = Object.entries(value ?? {}).find(([name]) => name !== "type")?.[1];
      if (said === null || said === undefined || said === "" || (Array.isArray(said) && !said.length)) errors[block.block_id] = "This is required.";
    }
    return errors;
  }

  #close() {
    if (this.shown) this.app.closeView(this.shown);
  }

  #first = () => this.dialog.querySelector(".modal-body :is(input, textarea, select, summary, button):not([disabled])") ?? this.dialog.querySelector(".modal-foot .button:last-child");

  #keys(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.dialog.querySelector("form")?.requestSubmit();
  }
}
