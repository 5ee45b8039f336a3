// Block Kit to nodes: one small function per type of block. Definitions: https://docs.slack.dev/reference/block-kit

import { chart } from "./chart.js";
import { h, newId } from "./dom.js";
import { element, image, textObject, unknown } from "./elements.js";
import { INPUTS, valueOf } from "./inputs.js";
import { markdown } from "./markdown.js";
import { richText } from "./rich_text.js";

const PICTURES = new Set(["image"]);

const BLOCKS = {
  section(block, surface) {
    const fields = (block.fields ?? []).map((field) => h("div", { class: "text" }, textObject(field, surface.names)));
    return h("div", { class: "block section" },
      h("div", { class: "section-main" },
        block.text && h("div", { class: "text" }, textObject(block.text, surface.names)),
        fields.length > 0 && h("div", { class: "fields" }, fields)),
      block.accessory && h("div", { class: "section-side" }, element(block.accessory, block, surface)));
  },
  header: (block, surface) => h("h3", { class: "block header" }, textObject(block.text, surface.names)),
  divider: () => h("hr", { class: "block" }),
  context: (block, surface) => h("div", { class: "block context" }, block.elements.map((one) =>
    PICTURES.has(one.type) ? image(one, "tiny", surface.names) : h("span", { class: "text" }, textObject(one, surface.names)))),
  actions: (block, surface) => h("div", { class: "block actions" }, block.elements.map((one) => element(one, block, surface))),
  context_actions: (block, surface) => h("div", { class: "block actions small" }, block.elements.map((one) => element(one, block, surface))),
  markdown: (block, surface) => h("div", { class: "block text markdown" }, markdown(block.text, surface.names)),
  rich_text: (block, surface) => h("div", { class: "block" }, richText(block, surface.names)),
  image: (block, surface) => h("figure", { class: "block figure" },
    block.title && h("figcaption", {}, textObject(block.title, surface.names)), image(block, "wide", surface.names)),
  input: inputBlock,
  table,
  data_table: table,
  data_visualization: chart,
  task_card: (block, surface) => taskCard(block, surface),
  plan: (block, surface) => h("div", { class: "block plan" }, h("strong", {}, textObject(block.title, surface.names)),
    (block.tasks ?? []).map((task) => taskCard(task, surface))),
};

function inputBlock(block, surface) {
  const label = newId("label");
  const hint = block.hint ? newId("hint") : null;
  const error = surface.errors?.[block.block_id];
  const wrong = error ? newId("error") : null;
  const one = block.element;
  if (!INPUTS[one.type]) return unknown(one.type);
  const port = {
    names: surface.names, key: `${block.block_id}/${one.action_id}`, value: valueOf(one, surface.values, block), label,
    describedby: [wrong, hint].filter(Boolean).join(" ") || null, invalid: Boolean(error), required: !block.optional,
    change: (value, { typing = false } = {}) => {
      surface.values.set(block.block_id, one.action_id, value);
      if (block.dispatch_action && !typing) surface.act(block, one, value);
    },
  };
  surface.values.set(block.block_id, one.action_id, port.value);
  const input = INPUTS[one.type](one, port);
  input.dataset.action = one.action_id;
  return h("div", { class: error ? "block input wrong" : "block input", "data-block": block.block_id },
    h("div", { class: "input-label", id: label }, textObject(block.label, surface.names),
      block.optional && h("span", { class: "optional" }, " (optional)")),
    input,
    error && h("p", { class: "input-error", id: wrong }, error),
    hint && h("p", { class: "input-hint", id: hint }, textObject(block.hint, surface.names)));
}

// The first row is the head. Cells are raw text or rich text.
function table(block, surface) {
  const settings = block.column_settings ?? [];
  const cell = (one, column, tag) => h(tag, { class: settings[column]?.align ? `align-${settings[column].align}` : null },
    one.type === "rich_text" ? richText(one, surface.names) : one.text ?? String(one.value ?? ""));
  const [head, ...body] = block.rows ?? [];
  return h("div", { class: "block table-scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", {},
      block.caption && h("caption", {}, block.caption),
      head && h("thead", {}, h("tr", {}, head.map((one, column) => cell(one, column, "th")))),
      h("tbody", {}, body.map((row) => h("tr", {}, row.map((one, column) => cell(one, column, "td")))))));
}

function taskCard(block, surface) {
  const states = { in_progress: "…", complete: "✓", completed: "✓", error: "!", pending: "○" };
  const part = (rich) => rich && (rich.type === "rich_text" ? richText(rich, surface.names) : textObject(rich, surface.names));
  return h("div", { class: `block task ${block.status ?? ""}` },
    h("span", { class: "task-state", "aria-label": block.status ?? "task" }, states[block.status] ?? "○"),
    h("div", {}, h("strong", {}, textObject(block.title, surface.names)), part(block.details), part(block.output)));
}

// Blocks on a surface. One that cannot be shown must not take the others with it: a broken card says so itself.
export function renderBlocks(blocks, surface) {
  return (blocks ?? []).map((block) => {
    try {
      return BLOCKS[block.type]?.(block, surface) ?? unknown(block.type);
    } catch (error) {
      console.error("block", block.type, error);
      return unknown(block.type);
    }
  });
}
