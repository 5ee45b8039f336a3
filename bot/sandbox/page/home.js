// The App Home tab: a view the app published for this person.

import { renderBlocks } from "./blocks.js";
import { h, replace } from "./dom.js";
import { FormValues } from "./form_values.js";

export class Home {
  constructor(app) {
    this.app = app;
    this.values = new FormValues();
    this.element = h("div", { class: "home", tabindex: "0", role: "region", "aria-label": "Home of the app" });
    this.update();
  }

  update() {
    const view = this.app.state.home;
    const key = this.element.contains(document.activeElement) ? document.activeElement.closest("[data-key]")?.dataset.key : null;
    if (!view) {
      replace(this.element, h("div", { class: "empty" }, h("p", {}, "The app has not shown anything here yet.")));
      return;
    }
    const surface = {
      names: this.app.names, values: this.values,
      act: (block, element, payload) => this.app.act({ view_id: view.id, values: this.values.submitted(view.blocks) }, block, element, payload),
    };
    replace(this.element, h("div", { class: "home-blocks" }, renderBlocks(view.blocks, surface)));
    if (key) this.element.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
  }
}
