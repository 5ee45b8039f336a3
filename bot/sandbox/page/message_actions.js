// What one can do with a message: react, reply, edit, delete, and the app's shortcuts. The bar shows on hover and when
// the message or something in it has the keyboard.

import { ask } from "./dialog.js";
import { h } from "./dom.js";
import { emoji, QUICK, spoken } from "./emoji.js";
import { icon } from "./icons.js";
import { unescape } from "./inline.js";
import { openMenu } from "./menu.js";
import { pickEmoji } from "./picker.js";
import { toast } from "./toast.js";

// The text as its author typed it: mentions and links without Slack's marks.
function asTyped(text, names) {
  const plain = text
    .replace(/<@([UW][A-Z0-9]+)(?:\|[^>]*)?>/g, (whole, id) => `@${names.user(id)?.name ?? id}`)
    .replace(/<#[CG][A-Z0-9]+\|([^>]*)>/g, "#$1")
    .replace(/<!subteam\^([A-Z0-9]+)(?:\|[^>]*)?>/g, (whole, id) => names.group(id) ?? "@group")
    .replace(/<!(here|channel|everyone)(?:\|[^>]*)?>/g, "@$1")
    .replace(/<mailto:[^|>]*\|([^>]*)>/g, "$1")
    .replace(/<((?:https?|mailto):[^|>]*)(?:\|[^>]*)?>/g, "$1");
  return unescape(plain);
}

export function toolbar(message, node, { app, channel, thread }) {
  const react = (name) => app.react(message, channel, name);
  const tool = (label, content, run, props = {}) => h("button", {
    class: "tool", type: "button", title: label, "aria-label": label, "data-key": `tool/${label}`,
    on: { click: (event) => run(event.currentTarget) }, ...props,
  }, content);
  const reply = () => app.open(channel, { thread: message.thread_ts ?? message.ts });
  const actions = { react, reply, edit: () => editing(message, node, app, channel), remove: () => removing(message, app, channel) };
  node.addEventListener("keydown", (event) => keys(event, message, node, app, actions));
  return h("div", { class: "toolbar", role: "toolbar", "aria-label": "Message actions" },
    QUICK.map((name) => tool(`React with ${spoken(name)}`, h("span", { class: "emoji" }, emoji(name)), () => react(name), { class: "tool quick" })),
    tool("Add reaction", icon("smile"), (anchor) => pickEmoji(anchor, react), { "aria-haspopup": "dialog" }),
    !thread && tool("Reply in thread", icon("reply"), reply),
    tool("More actions", icon("more"), (anchor) => openMenu(anchor, more(message, app, channel, actions)), { "aria-haspopup": "menu" }));
}

function more(message, app, channel, actions) {
  const mine = message.user === app.state.me.id;
  const shortcuts = app.state.shortcuts.map((one) => ({
    label: one.name, hint: app.state.bot.real_name ?? "Answerloop", icon: icon(one.callback_id.startsWith("stop") ? "stop" : "bolt"),
    run: () => app.shortcut(one.callback_id, channel, message.ts),
  }));
  const copy = async () => {
    await navigator.clipboard.writeText(asTyped(message.text ?? "", app.names));
    toast("Copied.");
  };
  const items = [{ label: "Copy text", icon: icon("copy"), run: copy }];
  if (mine) {
    items.push({ label: "Edit message", hint: "E", icon: icon("edit"), run: actions.edit });
    items.push({ label: "Delete message…", icon: icon("trash"), danger: true, run: actions.remove });
  }
  return shortcuts.length ? [...shortcuts, null, ...items] : items;
}

// Letters work while the message itself has the keyboard, not while something in it has.
function keys(event, message, node, app, actions) {
  if (event.target !== node || event.ctrlKey || event.metaKey || event.altKey) return;
  const mine = message.user === app.state.me.id;
  const run = {
    r: () => pickEmoji(node.querySelector("[data-key='tool/Add reaction']"), actions.react),
    t: actions.reply,
    e: mine && actions.edit,
    Delete: mine && actions.remove,
    Enter: actions.reply,
  }[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

async function removing(message, app, channel) {
  const sure = await ask({ title: "Delete this message?", body: "It is taken away for everybody.", confirm: "Delete", danger: true });
  if (sure) app.remove(channel, message.ts);
}

// The message becomes a field; Enter saves, Escape leaves it as it was.
function editing(message, node, app, channel) {
  const content = node.querySelector(".message-content");
  const before = [...content.childNodes];
  const field = h("textarea", { class: "field edit-field", rows: "2", "aria-label": "Edit message", value: asTyped(message.text ?? "", app.names) });
  const cancel = () => {
    delete node.dataset.editing;
    content.replaceChildren(...before);
    node.focus();
  };
  const save = async () => {
    const text = field.value.trim();
    if (!text) return cancel();
    // From here on the changed message may replace this one; if the workspace refuses, one can go on typing.
    delete node.dataset.editing;
    if (!(await app.edit(channel, message.ts, text))) node.dataset.editing = "true";
    else if (node.isConnected && content.contains(field)) cancel();
    return undefined;
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); cancel(); }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); save(); }
  });
  // While this is set the list leaves the message alone, so that nothing typed is lost.
  node.dataset.editing = "true";
  content.replaceChildren(field, h("div", { class: "edit-actions" },
    h("button", { class: "button", type: "button", on: { click: cancel } }, "Cancel"),
    h("button", { class: "button primary", type: "button", on: { click: save } }, "Save"),
    h("span", { class: "hint" }, "Enter saves, Esc cancels")));
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}
