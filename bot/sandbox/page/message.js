// One message: who, when, what, and what one can do with it.

import { avatar } from "./avatar.js";
import { renderBlocks } from "./blocks.js";
import { append, h } from "./dom.js";
import { emoji, spoken } from "./emoji.js";
import { attachments, files } from "./files.js";
import { FormValues } from "./form_values.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown.js";
import { toolbar } from "./message_actions.js";
import { mrkdwn } from "./mrkdwn.js";
import { ago, clock, full } from "./time.js";

// Inputs and presses inside messages, by channel and ts, so that a message that changes keeps them.
const kept = new Map();

function keptFor(channel, ts) {
  const key = `${channel}/${ts}`;
  if (!kept.has(key)) kept.set(key, { values: new FormValues(), pressed: new Map() });
  return kept.get(key);
}

function surfaceOf(message, channel, app) {
  const memory = keptFor(channel, message.ts);
  return {
    names: app.names,
    values: memory.values,
    chosen: (block, element) => memory.pressed.get(`${app.state.me.id}/${block.block_id}/${element.action_id}`),
    act: (block, element, payload) => {
      memory.pressed.set(`${app.state.me.id}/${block.block_id}/${element.action_id}`, payload.value);
      return app.act({ channel, ts: message.ts }, block, element, payload);
    },
  };
}

// Posted text is Slack's own markup; blocks, where there are any, stand in for it. Streamed text is Markdown.
function content(message, channel, app) {
  if (message.subtype === "tombstone") return h("p", { class: "tombstone" }, message.text || "This message was deleted.");
  const blocks = message.blocks ?? [];
  // While it grows only the text is current; its blocks come with the end.
  if (message.streaming_state === "in_progress") return h("div", { class: "text markdown growing" }, markdown(message.text, app.names));
  // What people type comes with blocks that show it letter by letter; their text has the marks they meant.
  if (!blocks.length || message.client_msg_id) return h("div", { class: "text" }, mrkdwn(message.text, app.names));
  return renderBlocks(blocks, surfaceOf(message, channel, app));
}

function head(message, person, { tz, thread }) {
  return h("header", { class: "message-head" },
    h("span", { class: "author" }, person?.real_name ?? message.username ?? "Somebody"),
    person?.is_bot && h("span", { class: "tag" }, "APP"),
    person?.is_restricted && h("span", { class: "tag" }, "GUEST"),
    h("time", { class: "when", title: full(message.ts, tz), datetime: new Date(Number.parseFloat(message.ts) * 1000).toISOString() }, clock(message.ts, tz)),
    thread && message.subtype === "thread_broadcast" && h("span", { class: "when" }, "also sent to the channel"));
}

function reactions(message, channel, app) {
  const all = message.reactions ?? [];
  if (!all.length) return null;
  const me = app.state.me.id;
  return h("div", { class: "reactions", role: "group", "aria-label": "Reactions" }, all.map((one) => {
    const mine = one.users.includes(me);
    const who = one.users.map((id) => (id === me ? "you" : app.state.person(id)?.real_name ?? id)).join(", ");
    return h("button", {
      class: mine ? "reaction mine" : "reaction", type: "button", "aria-pressed": String(mine), "data-key": `reaction/${one.name}`,
      "aria-label": `${spoken(one.name)}, ${one.count}: ${who}`, title: `${who} reacted with :${one.name}:`,
      on: { click: () => app.react(message, channel, one.name) },
    }, h("span", { class: "emoji" }, emoji(one.name)), h("span", { class: "count" }, one.count));
  }));
}

function threadLine(message, channel, app) {
  const status = app.state.status(channel, message.ts);
  const open = () => app.open(channel, { thread: message.ts });
  if (!message.reply_count) {
    return status ? h("button", { class: "thread-line", type: "button", "data-key": "thread", on: { click: open } },
      h("span", { class: "thinking" }, app.state.bot.real_name ?? "Answerloop", " ", status)) : null;
  }
  const news = app.state.reading.news(app.state.me.id, channel, message);
  return h("button", { class: news ? "thread-line news" : "thread-line", type: "button", "data-key": "thread", on: { click: open } },
    h("span", { class: "thread-people" }, (message.reply_users ?? []).slice(0, 4).map((id) => avatar(app.state.person(id), "small"))),
    h("span", { class: "thread-count" }, message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`),
    status ? h("span", { class: "thinking" }, status) : h("span", { class: "thread-last", "data-last": message.latest_reply }, `Last reply ${ago(message.latest_reply)}`),
    news && h("span", { class: "new-dot" }, h("span", { class: "visually-hidden" }, "new")));
}

// `near` says that the message before is by the same author, moments ago: then the name is not repeated.
export function renderMessage(message, { app, channel, near = false, thread = false }) {
  const { state } = app;
  const person = state.person(message.user);
  const tz = state.me.tz;
  const ephemeral = message.is_ephemeral;
  const mentioned = (message.text ?? "").includes(`<@${state.me.id}>`);
  const classes = ["message", near && "near", ephemeral && "ephemeral", mentioned && "mentioned", message.user === state.bot.user_id && "by-bot"];
  const node = h("article", {
    class: classes.filter(Boolean).join(" "), tabindex: "-1", "data-ts": message.ts,
    "aria-label": `${person?.real_name ?? "Somebody"}, ${clock(message.ts, tz)}`,
  });
  append(node,
    h("div", { class: "gutter" }, near ? h("time", { class: "gutter-time", title: full(message.ts, tz) }, clock(message.ts, tz)) : avatar(person)),
    h("div", { class: "message-main" },
      ephemeral && h("p", { class: "only-you" }, icon("eye", 14), "Only visible to you"),
      !near && head(message, person, { tz, thread }),
      h("div", { class: "message-content" }, content(message, channel, app), attachments(message, surfaceOf(message, channel, app)), files(message, app),
        message.edited && message.subtype !== "tombstone" && h("span", { class: "edited", title: full(message.edited.ts, tz) }, "(edited)")),
      reactions(message, channel, app),
      !thread && threadLine(message, channel, app)),
    message.subtype !== "tombstone" && !ephemeral && toolbar(message, node, { app, channel, thread }));
  return node;
}
