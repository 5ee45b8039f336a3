// The small pieces that every kind of text shares: mentions, channels, dates, links, emoji. All of it is foreign text,
// so each piece is built as nodes.

import { emoji, isEmoji, spoken } from "./emoji.js";
import { h, safeUrl } from "./dom.js";

// Entities that Slack's own escaping makes; any other ampersand is just an ampersand.
export const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const BARE_URL = /https?:\/\/[^\s<>|`"']*[^\s<>|`"'.,;:!?)\]}]/y;
const EMOJI = /:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/y;
const TOKEN = /<([^<>\n]{1,3000})>/y;

export function link(url, label) {
  const target = safeUrl(url);
  if (!target) return document.createTextNode(label ? `${label} (${url})` : url);
  return h("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, label || url.replace(/^mailto:/, ""));
}

// An emoji by its name; a name nobody knows stays what was typed.
export function emojiNode(name) {
  if (!isEmoji(name)) return document.createTextNode(`:${name}:`);
  return h("span", { class: "emoji", role: "img", "aria-label": spoken(name), title: `:${name}:` }, emoji(name));
}

export function userMention(id, names, label) {
  const person = names.user(id);
  return h("span", { class: id === names.me ? "mention mention-me" : "mention" }, `@${person?.name ?? label ?? id}`);
}

export function channelMention(id, names, label) {
  const channel = names.channel(id);
  const text = `#${channel?.name ?? label ?? "private-channel"}`;
  if (!channel) return h("span", { class: "mention" }, text);
  return h("button", { class: "mention mention-link", type: "button", on: { click: () => names.open(id) } }, text);
}

// Slack's date tokens: `<!date^seconds^format^link|fallback>`.
export function dateText(seconds, format, fallback, tz) {
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime())) return fallback ?? "";
  const show = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: tz, ...options }).format(when);
  const parts = {
    date_num: () => show({ year: "numeric", month: "2-digit", day: "2-digit" }),
    date_long: () => show({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    date_short: () => show({ day: "numeric", month: "short", year: "numeric" }),
    date: () => show({ day: "numeric", month: "long", year: "numeric" }),
    time_secs: () => show({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    time: () => show({ hour: "2-digit", minute: "2-digit" }),
    day_divider_pretty: () => show({ weekday: "long", day: "numeric", month: "long" }),
  };
  return (format ?? "{date_short} {time}").replace(/\{([a-z_]+)\}/g, (whole, name) =>
    (parts[name] ?? parts[name.replace(/_pretty$/, "")] ?? (() => whole))());
}

// What stands between < and > in Slack's text.
function tokenNode(inner, names) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? undefined : unescape(inner.slice(bar + 1));
  if (/^@[UW][A-Z0-9]+$/.test(target)) return userMention(target.slice(1), names, label);
  if (/^#[CGD][A-Z0-9]+$/.test(target)) return channelMention(target.slice(1), names, label);
  if (target.startsWith("!date^")) {
    const [, seconds, format, url] = target.split("^");
    const text = dateText(seconds, format && unescape(format), label, names.tz);
    return url ? link(unescape(url), text) : h("time", { title: label ?? null }, text);
  }
  if (target.startsWith("!subteam^")) {
    return h("span", { class: "mention" }, label ?? names.group(target.slice("!subteam^".length)) ?? "@group");
  }
  if (/^!(here|channel|everyone)$/.test(target)) return h("span", { class: "mention mention-me" }, `@${target.slice(1)}`);
  if (/^(https?:\/\/|mailto:)/i.test(target)) return link(unescape(target), label);
  return null;
}

// The piece that begins at `at`, if one does: its node and where it ends.
export function piece(text, at, names) {
  const kind = text[at] === "<" ? TOKEN : text[at] === ":" ? EMOJI : text[at] === "h" ? BARE_URL : null;
  if (!kind) return null;
  kind.lastIndex = at;
  const match = kind.exec(text);
  if (!match) return null;
  const end = at + match[0].length;
  if (kind === TOKEN) {
    const node = tokenNode(match[1], names);
    return node && { node, end };
  }
  if (kind === EMOJI) return isEmoji(match[1]) ? { node: emojiNode(match[1]), end } : null;
  if (at > 0 && /\w/.test(text[at - 1])) return null;
  return { node: link(unescape(match[0])), end };
}
