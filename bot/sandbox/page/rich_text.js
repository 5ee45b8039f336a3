// `rich_text` blocks to nodes: sections, lists, quotes and preformatted text.

import { h } from "./dom.js";
import { channelMention, dateText, emojiNode, link, userMention } from "./inline.js";

const STYLES = [["bold", "strong"], ["italic", "em"], ["strike", "s"], ["code", "code"]];

function piece(element, names) {
  switch (element.type) {
    case "text": return document.createTextNode(element.text ?? "");
    case "link": return link(element.url ?? "", element.text);
    case "user": return userMention(element.user_id, names);
    case "channel": return channelMention(element.channel_id, names);
    case "usergroup": return h("span", { class: "mention" }, names.group(element.usergroup_id) ?? "@group");
    case "broadcast": return h("span", { class: "mention mention-me" }, `@${element.range}`);
    case "emoji": return emojiNode(element.name ?? "");
    case "date": return h("time", {}, dateText(element.timestamp, element.format, element.fallback, names.tz));
    case "color": return h("code", {}, element.value ?? "");
    default: return document.createTextNode(element.text ?? "");
  }
}

function styled(element, names) {
  return STYLES.reduce((node, [name, tag]) => (element.style?.[name] ? h(tag, {}, node) : node), piece(element, names));
}

const pieces = (element, names) => (element.elements ?? []).map((one) => styled(one, names));

// Consecutive lists with a deeper indent are shown by their margin: they come flat.
function part(element, names) {
  switch (element.type) {
    case "rich_text_section": return h("div", { class: "rich-section" }, pieces(element, names));
    case "rich_text_preformatted": return h("pre", {}, h("code", {}, pieces(element, names)));
    case "rich_text_quote": return h("blockquote", {}, pieces(element, names));
    case "rich_text_list": {
      const tag = element.style === "ordered" ? "ol" : "ul";
      const start = element.offset ? { start: element.offset + 1 } : {};
      return h(tag, { class: `indent-${Math.min(8, element.indent ?? 0)}`, ...start },
        (element.elements ?? []).map((item) => h("li", {}, pieces(item, names))));
    }
    default: return null;
  }
}

export const richText = (block, names) => h("div", { class: "text rich" }, (block.elements ?? []).map((one) => part(one, names)));
