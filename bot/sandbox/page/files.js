// Files and old-style attachments that hang on a message.

import { renderBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { mrkdwn } from "./mrkdwn.js";

const PICTURE = /\.(png|jpe?g|gif|webp)$/i;

function size(bytes) {
  if (!bytes) return "";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function files(message, app) {
  if (!message.files?.length) return null;
  return h("div", { class: "files" }, message.files.map((file) => {
    const name = file.title || file.name || "File";
    const address = app.client.file(file.url_private ?? `/client/files/${file.id}`);
    const picture = PICTURE.test(file.name ?? "") || /^image\/(png|jpe?g|gif|webp)$/.test(file.mimetype ?? "");
    if (picture) return h("a", { class: "file-picture", href: address, target: "_blank", rel: "noopener" }, h("img", { class: "picture wide", src: address, alt: file.alt_txt || name }));
    return h("a", { class: "file", href: address, target: "_blank", rel: "noopener", download: file.name ?? true },
      h("span", { class: "file-icon" }, icon("file", 22)),
      h("span", {}, h("span", { class: "file-name" }, name), h("span", { class: "file-hint" }, [file.filetype?.toUpperCase(), size(file.size)].filter(Boolean).join(" · "))));
  }));
}

// The coloured bar is the sender's; anything but a plain colour is ignored.
export function attachments(message, surface) {
  return (message.attachments ?? []).map((one) => {
    const colour = /^#?[0-9a-f]{6}$/i.test(one.color ?? "") ? `#${one.color.replace("#", "")}` : null;
    const node = h("div", { class: "attachment" },
      one.title && h("strong", {}, one.title),
      one.text && h("div", { class: "text" }, mrkdwn(one.text, surface.names)),
      renderBlocks(one.blocks, surface),
      !one.text && !one.blocks && one.fallback);
    if (colour) node.style.borderInlineStartColor = colour;
    return node;
  });
}
