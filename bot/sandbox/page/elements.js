// Interactive elements wherever they stand: buttons, menus, feedback buttons, and inputs that act at once.
//
// A `surface` is where the blocks stand: `act(block, element, payload)` sends the click, `values` keeps the inputs,
// `names` resolves ids, `chosen(block, element)` is what a person's earlier click said, where that is known.

import { ask } from "./dialog.js";
import { h, safeUrl } from "./dom.js";
import { icon } from "./icons.js";
import { INPUTS, textOf, valueOf } from "./inputs.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";

// Text objects: `plain_text` knows only emoji, `mrkdwn` everything.
export function textObject(object, names) {
  if (!object) return null;
  if (typeof object === "string") return object;
  return object.type === "mrkdwn" ? mrkdwn(object.text, names) : plain(object.text, names);
}

function plain(text, names) {
  // Only emoji are special in plain text; everything else is taken as it stands.
  const parts = String(text ?? "").split(/(:[a-z0-9_+'-]+:)/);
  return parts.map((part) => (/^:[a-z0-9_+'-]+:$/.test(part) ? mrkdwn(part, names) : part));
}

const keyOf = (block, element) => `${block.block_id}/${element.action_id}`;

async function confirmed(element, names) {
  const asked = element.confirm;
  if (!asked) return true;
  return ask({
    title: textOf(asked.title), body: textObject(asked.text, names), confirm: textOf(asked.confirm) || "Yes",
    deny: textOf(asked.deny) || "Cancel", danger: asked.style === "danger",
  });
}

// While a click is on its way the element is busy: a second press would be a second click.
async function send(node, block, element, payload, surface) {
  if (node.getAttribute("aria-busy") === "true" || !(await confirmed(element, surface.names))) return;
  node.setAttribute("aria-busy", "true");
  try {
    await surface.act(block, element, payload);
  } finally {
    node.removeAttribute("aria-busy");
  }
}

function button(element, block, surface) {
  const style = { primary: "button primary", danger: "button danger" }[element.style] ?? "button";
  const node = h("button", {
    class: style, type: "button", "aria-label": element.accessibility_label ?? null, "data-key": keyOf(block, element),
    "data-action": element.action_id,
    on: {
      click: () => {
        if (element.url && safeUrl(element.url) && !surface.names.follow(element.url)) window.open(safeUrl(element.url), "_blank", "noopener,noreferrer");
        send(node, block, element, { value: element.value }, surface);
      },
    },
  }, textObject(element.text, surface.names));
  return node;
}

function overflow(element, block, surface) {
  const node = h("button", {
    class: "button quiet square", type: "button", "aria-label": "More actions", "aria-haspopup": "menu",
    "data-key": keyOf(block, element), "data-action": element.action_id,
    on: {
      click: () => openMenu(node, element.options.map((option) => ({
        label: textObject(option.text, surface.names), hint: option.description && textObject(option.description, surface.names),
        run: () => send(node, block, element, { selected_option: option }, surface),
      }))),
    },
  }, icon("more"));
  return node;
}

function feedbackButtons(element, block, surface) {
  const chosen = surface.chosen?.(block, element);
  const one = (object, side) => {
    const node = h("button", {
      class: "thumb", type: "button", "aria-pressed": String(chosen === object.value), title: textOf(object.text),
      "aria-label": object.accessibility_label ?? textOf(object.text), "data-key": `${keyOf(block, element)}/${side}`,
      "data-action": element.action_id,
      on: {
        click: async () => {
          for (const each of node.parentElement.children) each.setAttribute("aria-pressed", String(each === node));
          await send(node, block, element, { value: object.value }, surface);
        },
      },
    }, icon(`thumb-${side}`));
    return node;
  };
  return h("div", { class: "thumbs", role: "group", "aria-label": "Was this helpful?" },
    one(element.positive_button, "up"), one(element.negative_button, "down"));
}

function iconButton(element, block, surface) {
  const node = h("button", {
    class: "button quiet square", type: "button", title: textOf(element.text), "aria-label": textOf(element.text),
    "data-key": keyOf(block, element), "data-action": element.action_id,
    on: { click: () => send(node, block, element, { value: element.value }, surface) },
  }, icon(element.icon === "trash" ? "trash" : "more"));
  return node;
}

// An input outside an input block acts on every change; text acts on Enter.
function acting(element, block, surface) {
  const port = {
    names: surface.names, key: keyOf(block, element), value: valueOf(element, surface.values, block),
    change: (value, { typing = false } = {}) => {
      surface.values.set(block.block_id, element.action_id, value);
      if (!typing) send(node, block, element, value, surface);
    },
  };
  const node = INPUTS[element.type](element, port);
  node.dataset.action = element.action_id;
  return node;
}

const MAKERS = { button, workflow_button: button, overflow, feedback_buttons: feedbackButtons, icon_button: iconButton };

export function element(one, block, surface) {
  if (MAKERS[one.type]) return MAKERS[one.type](one, block, surface);
  if (INPUTS[one.type]) return acting(one, block, surface);
  if (one.type === "image") return image(one, "accessory", surface.names);
  return unknown(one.type);
}

// Pictures come from the workspace itself, never from elsewhere: reading a message calls nobody.
export function image(one, kind, names) {
  const file = one.slack_file && names.file(one.slack_file.url ?? `/client/files/${one.slack_file.id}`);
  const source = safeUrl(file ?? one.image_url ?? "", ["http:", "https:", "data:"]);
  if (!source) return unknown("image");
  if (source.startsWith("data:image/") || new URL(source).origin === location.origin) return h("img", { class: `picture ${kind}`, src: source, alt: one.alt_text ?? "" });
  return h("a", { class: "picture-away", href: source, target: "_blank", rel: "noopener noreferrer" }, one.alt_text || "Picture");
}

export const unknown = (type) => h("p", { class: "unknown" }, `This page does not show “${type}”.`);
