// Puts the page together. One person at a time looks at it; the address says who and where, so that reloading,
// going back and a second window work.

import { App } from "./app.js";
import { ChannelView } from "./channel_view.js";
import { append, h } from "./dom.js";
import { Guide } from "./guide.js";
import { Modals } from "./modal.js";
import { Sidebar } from "./sidebar.js";
import { restoreTheme } from "./theme.js";
import { ThreadView } from "./thread_view.js";
import { toast } from "./toast.js";
import { Top } from "./top.js";
import { onWide, wide } from "./width.js";

const GUIDE_SEEN = "answerloop.guide";
const RETRY = 2000;

// "#/uma/C0HELP/1700000000.000100" or "#/uma/D0UMA/home"
function address(people) {
  const [, name, channel, rest] = location.hash.split("/");
  const person = people.find((one) => one.name === name) ?? people[0];
  return { id: person?.id, channel, tab: rest === "home" ? "home" : "messages", thread: /^\d+\.\d+$/.test(rest ?? "") ? rest : null };
}

function build(app) {
  const shell = document.getElementById("app");
  const show = (pane) => { shell.dataset.pane = pane; };
  const lay = (open) => { shell.dataset.guide = open ? "open" : "closed"; };
  const guideShown = (open) => {
    lay(open);
    localStorage.setItem(GUIDE_SEEN, open ? "open" : "closed");
  };
  const sidebar = new Sidebar(app);
  const channel = new ChannelView(app, { back: () => show("sidebar") });
  const thread = new ThreadView(app);
  const compose = (text) => {
    if (!wide()) lay(false);
    channel.composer?.fill(text);
  };
  const guide = new Guide(app, { close: () => guideShown(false), compose });
  const top = new Top(app, { guide: () => guideShown(shell.dataset.guide !== "open") });
  new Modals(app);
  app.state.on("place", () => {
    show(app.state.place.thread ? "thread" : "channel");
    document.title = `${app.state.channel(app.state.place.channel)?.name || "Answerloop"} · ${app.state.me.real_name} · local workspace`;
  });
  append(shell, top.element, top.banner, h("div", { class: "panes" }, sidebar.element, channel.element, thread.element, guide.element));
  // Links between messages stay in the page; the real Slack is never called.
  shell.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && app.follow(link.href)) event.preventDefault();
  });
  app.state.on("point", ({ ts }) => {
    const message = [...shell.querySelectorAll(`[data-ts="${CSS.escape(ts)}"]`)].at(-1);
    message?.scrollIntoView({ block: "center" });
    message?.focus({ preventScroll: true });
    message?.classList.add("pointed");
  });
  // Without room beside the channel the guide would cover it: there it waits behind its button.
  const fit = () => lay(wide() && localStorage.getItem(GUIDE_SEEN) !== "closed");
  fit();
  onWide(fit);
}

async function start() {
  restoreTheme();
  const app = new App();
  build(app);
  for (;;) {
    try {
      await app.start();
      break;
    } catch {
      toast("The local workspace does not answer yet. Trying again …");
      await new Promise((resume) => setTimeout(resume, RETRY));
    }
  }
  const where = address(app.state.people);
  await app.signIn(where.id, where);
  addEventListener("popstate", () => {
    const next = address(app.state.people);
    if (next.id !== app.state.me.id) app.signIn(next.id, next);
    else if (next.channel) app.open(next.channel, { ...next, instead: true });
  });
}

start();
