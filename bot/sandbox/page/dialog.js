// Dialogs on the browser's own <dialog>: the rest of the page is inert, Tab stays inside, Escape closes.

import { h, newId } from "./dom.js";

// A question with two answers. Resolves to true for the first, false for the second, Escape or a click outside.
export function ask({ title, body, confirm = "OK", deny = "Cancel", danger = false }) {
  return new Promise((resolve) => {
    const id = newId("ask");
    const dialog = h("dialog", { class: "ask", "aria-labelledby": id },
      h("form", { method: "dialog" },
        h("h2", { id }, title),
        h("div", { class: "ask-body text" }, body),
        h("div", { class: "dialog-actions" },
          h("button", { class: "button", value: "no" }, deny),
          h("button", { class: danger ? "button danger" : "button primary", value: "yes", autofocus: true }, confirm))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close("no"));
    document.body.append(dialog);
    dialog.showModal();
  });
}
