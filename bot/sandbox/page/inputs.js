// The inputs of Block Kit: text, selects, checkboxes, radio buttons, dates. Each knows its value before and after.
//
// `port` joins an input to its surface: `port.value` is the state value now, `port.change(value)` tells of a new one,
// `port.names` resolves people and channels, `port.label` is an id for `aria-labelledby`, `port.describedby` another.

import { h, newId } from "./dom.js";
import { initialValue } from "./form_values.js";
import { mrkdwn } from "./mrkdwn.js";

export const INPUTS = {
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  rich_text_input: richTextInput,
  datetimepicker: momentInput,
  datepicker: (element, port) => dateInput(element, port, "date", "selected_date"),
  timepicker: (element, port) => dateInput(element, port, "time", "selected_time"),
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  multi_static_select: multiSelect,
  multi_users_select: multiSelect,
  multi_channels_select: multiSelect,
  multi_conversations_select: multiSelect,
  checkboxes: (element, port) => choices(element, port, "checkbox"),
  radio_buttons: (element, port) => choices(element, port, "radio"),
};

export const textOf = (object) => object?.text ?? "";
const named = (port, element) => ({
  "aria-labelledby": port.label ?? null,
  "aria-label": port.label ? null : textOf(element.placeholder) || element.action_id,
  "aria-describedby": port.describedby ?? null,
  "aria-invalid": port.invalid ? "true" : null,
  "aria-required": port.required ? "true" : null,
  "data-key": port.key,
});

function textInput(element, port) {
  const kinds = { email_text_input: "email", url_text_input: "url", number_input: "text" };
  const shared = {
    ...named(port, element), class: "field", placeholder: textOf(element.placeholder) || null, value: port.value.value ?? "",
    maxlength: element.max_length ?? null, inputmode: element.type === "number_input" ? "decimal" : null,
    on: { input: (event) => port.change({ type: element.type, value: event.target.value || null }, { typing: true }) },
  };
  if (element.multiline) return h("textarea", { ...shared, rows: "5" });
  return h("input", { ...shared, type: kinds[element.type] ?? "text", autocomplete: "off" });
}

function dateInput(element, port, type, key) {
  return h("input", {
    ...named(port, element), class: "field short", type, value: port.value[key] ?? "",
    on: { change: (event) => port.change({ type: element.type, [key]: event.target.value || null }) },
  });
}

// Typed as plain text; the workspace makes rich text of it.
function richTextInput(element, port) {
  const said = typeof port.value.rich_text_value === "string" ? port.value.rich_text_value : "";
  return h("textarea", {
    ...named(port, element), class: "field", rows: "5", value: said,
    on: { input: (event) => port.change({ type: element.type, rich_text_value: event.target.value || null }, { typing: true }) },
  });
}

// Slack counts in seconds, the browser's field in local wall time.
function momentInput(element, port) {
  const seconds = port.value.selected_date_time;
  const local = seconds ? new Date(seconds * 1000 - new Date(seconds * 1000).getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : "";
  return h("input", {
    ...named(port, element), class: "field short", type: "datetime-local", value: local,
    on: { change: (event) => port.change({ type: element.type, selected_date_time: event.target.value ? Math.floor(new Date(event.target.value).getTime() / 1000) : null }) },
  });
}

// What one can choose, in groups: [{label, options: [{id, text, option}]}]. People and channels carry only ids.
function groups(element, port) {
  const option = (one) => ({ id: one.value, text: textOf(one.text), option: one });
  if (element.type.includes("static")) {
    if (!element.option_groups) return [{ label: "", options: (element.options ?? []).map(option) }];
    return element.option_groups.map((group) => ({ label: textOf(group.label), options: group.options.map(option) }));
  }
  const people = { label: "People", options: port.names.people().map((one) => ({ id: one.id, text: one.real_name || one.name })) };
  const channels = { label: "Channels", options: port.names.channels().map((one) => ({ id: one.id, text: `#${one.name}` })) };
  if (element.type.includes("users")) return [people];
  return element.type.includes("channels") ? [channels] : [channels, people];
}

const KEYS = { static: "option", users: "user", channels: "channel", conversations: "conversation" };
const keyOf = (element, many) => `selected_${KEYS[element.type.replace("multi_", "").replace("_select", "")]}${many ? "s" : ""}`;
const idOf = (chosen) => (typeof chosen === "object" && chosen ? chosen.value : chosen);

function select(element, port) {
  const key = keyOf(element, false);
  const known = groups(element, port);
  const chosen = idOf(port.value[key]) ?? "";
  const option = (one) => h("option", { value: one.id, selected: one.id === chosen }, one.text);
  return h("select", {
    ...named(port, element), class: "field select",
    on: {
      change: (event) => {
        const found = known.flatMap((group) => group.options).find((one) => one.id === event.target.value);
        port.change({ type: element.type, [key]: found ? found.option ?? found.id : null });
      },
    },
  }, h("option", { value: "", selected: !chosen }, textOf(element.placeholder) || "Choose…"),
  known.map((group) => (group.label && known.length > 1 ? h("optgroup", { label: group.label }, group.options.map(option)) : group.options.map(option))));
}

// A list that opens in place: no floating panel that a modal's edge could cut.
function multiSelect(element, port) {
  const key = keyOf(element, true);
  const all = groups(element, port).flatMap((group) => group.options);
  const chosen = new Set((port.value[key] ?? []).map(idOf));
  const most = element.max_selected_items ?? Infinity;
  const summary = h("summary", { ...named(port, element), class: "field select" });
  const tell = () => {
    const picked = all.filter((one) => chosen.has(one.id));
    summary.replaceChildren(...(picked.length ? picked.map((one) => h("span", { class: "chip" }, one.text))
      : [h("span", { class: "placeholder" }, textOf(element.placeholder) || "Choose…")]));
  };
  const boxes = all.map((one) => h("label", { class: "choice" },
    h("input", {
      type: "checkbox", checked: chosen.has(one.id),
      on: {
        change: (event) => {
          if (event.target.checked && chosen.size >= most) event.target.checked = false;
          else chosen[event.target.checked ? "add" : "delete"](one.id);
          tell();
          port.change({ type: element.type, [key]: all.filter((each) => chosen.has(each.id)).map((each) => each.option ?? each.id) });
        },
      },
    }), h("span", { class: "choice-text" }, one.text)));
  tell();
  return h("details", { class: "multi" }, summary, h("div", { class: "multi-list", role: "group" }, boxes));
}

function choices(element, port, type) {
  const many = type === "checkbox";
  const key = many ? "selected_options" : "selected_option";
  const chosen = new Set(many ? (port.value[key] ?? []).map(idOf) : [idOf(port.value[key])]);
  const name = newId("choice");
  const pick = (option, checked) => {
    if (!many) return port.change({ type: element.type, selected_option: option });
    chosen[checked ? "add" : "delete"](option.value);
    return port.change({ type: element.type, selected_options: element.options.filter((one) => chosen.has(one.value)) });
  };
  const words = (object) => (object?.type === "mrkdwn" ? mrkdwn(object.text, port.names) : textOf(object));
  return h("div", { class: "choices", role: many ? "group" : "radiogroup", "aria-labelledby": port.label ?? null, "aria-describedby": port.describedby ?? null },
    (element.options ?? []).map((option, index) => h("label", { class: "choice" },
      h("input", {
        type, name, checked: chosen.has(option.value), "data-key": `${port.key}/${index}`,
        on: { change: (event) => pick(option, event.target.checked) },
      }),
      h("span", { class: "choice-text" }, words(option.text),
        option.description && h("span", { class: "choice-hint" }, words(option.description))))));
}

export const valueOf = (element, values, block) => values.get(block.block_id, element.action_id) ?? initialValue(element);
