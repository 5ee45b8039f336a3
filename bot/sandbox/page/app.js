// What a person can do on this page. Every act goes to the workspace first; what comes of it is shown when the live
// events tell of it, so that the page never shows what did not happen.

import { Client, everyone, explain } from "./api.js";
import { State } from "./state.js";
import { Stream } from "./stream.js";
import { announce, toast } from "./toast.js";
import { wide } from "./width.js";

export class App {
  constructor() {
    this.state = new State();
    this.names = null;
    this.client = null;
    this.stream = null;
    // Where a question of one's own was just asked: its thread opens by itself when the first reply comes.
    this.awaited = null;
    this.state.on("messages", (change) => change.fresh && this.#arrived(change));
  }

  async start() {
    const world = await everyone();
    Object.assign(this.state, {
      people: world.people, team: world.team, bot: world.bot, groups: world.usergroups ?? [], shortcuts: world.shortcuts ?? SHORTCUTS,
      commands: world.commands ?? COMMANDS,
    });
    this.state.tell("people");
  }

  // Runs an act and says in a sentence why it failed, if it did. Resolves to undefined then.
  async try(act) {
    try {
      return await act();
    } catch (error) {
      if (!error.code) console.error(error);
      toast(explain(error), "error");
      return undefined;
    }
  }

  // --- who and where ---

  async signIn(id, place = {}) {
    const person = this.state.people.find((one) => one.id === id);
    if (!person) return;
    this.stream?.close();
    this.state.forget();
    this.state.me = person;
    this.client = new Client(person.token);
    this.names = {
      ...this.state.names(), open: (channel) => this.open(channel), follow: (url) => this.follow(url), file: (url) => this.client.file(url),
    };
    this.state.tell("people");
    // Listen before asking: what happens in between is then seen twice, never missed.
    this.stream = new Stream(this.client.stream(), {
      take: (kind, data) => this.#take(kind, data),
      connection: (up) => { this.state.connected = up; this.state.tell("connection"); },
      resync: () => this.try(() => this.refresh()),
    });
    await this.try(() => this.refresh());
    const first = this.state.channel(place.channel) ? place.channel : [...this.state.channels.keys()][0];
    // Who was quick has chosen a place already.
    if (first && this.state.me === person && !this.state.place.channel) await this.open(first, { ...place, instead: true });
  }

  // Everything this person sees, from the start.
  async refresh() {
    const { client, state } = this;
    const { channels } = await client.channels();
    if (client !== this.client) return;
    state.channels = new Map(channels.map((one) => [one.id, one]));
    const since = state.events;
    const loaded = await Promise.all(channels.map((one) => client.messages(one.id)));
    if (client !== this.client) return;
    channels.forEach((one, index) => this.#loaded(one.id, null, loaded[index], since));
    state.tell("channels");
    if (state.place.thread) await this.#loadThread(state.place.channel, state.place.thread);
    await this.#loadViews();
    if (state.place.tab === "home") state.home = (await client.home()).view ?? null;
    state.tell("home");
  }

  #loaded(channel, thread, answer, since) {
    this.state.load(channel, thread, [...answer.messages, ...(answer.ephemeral ?? [])], since);
    if (answer.prompts) this.state.prompts.set(channel, answer.prompts);
    if (thread) this.state.statuses.set(`${channel}/${thread}`, answer.status ?? "");
  }

  async #loadThread(channel, thread) {
    const { client, state } = this;
    const since = state.events;
    const answer = await client.messages(channel, thread);
    if (client === this.client) this.#loaded(channel, thread, answer, since);
  }

  async #loadViews() {
    this.state.views = (await this.client.views()).views ?? [];
    this.state.tell("views");
  }

  async open(channel, { thread = null, tab = "messages", instead = false } = {}) {
    const { state } = this;
    const known = state.channel(channel);
    if (!known) return;
    const shown = known.is_im ? tab : "messages";
    const moved = state.place.channel !== channel || state.place.tab !== shown;
    state.place = { channel, thread, tab: shown };
    this.#remember(instead);
    state.tell("place");
    state.read(channel, null);
    if (moved && known.is_im) await this.try(() => this.#openDirect(shown));
    if (thread) await this.try(() => this.#loadThread(channel, thread));
    if (thread) state.read(channel, thread);
  }

  // The app hears when somebody looks at its home or its messages, and may then show something.
  async #openDirect(tab) {
    await this.client.openHome(tab);
    if (tab !== "home") return;
    this.state.home = (await this.client.home()).view ?? null;
    this.state.tell("home");
  }

  // A link to a message of this workspace stays in the page. Tells whether it was one.
  follow(url) {
    const found = new RegExp(`^https://${this.state.team.domain}\\.slack\\.com/archives/(\\w+)/p(\\d+)(\\d{6})(?:\\?thread_ts=([\\d.]+))?`).exec(url);
    if (!found) return false;
    const [, channel, seconds, micros, thread] = found;
    if (!this.state.channel(channel)) toast(`${this.state.me.real_name} is not in that channel.`, "error");
    else this.#show(channel, `${seconds}.${micros}`, thread);
    return true;
  }

  async #show(channel, ts, thread) {
    const replied = this.state.message(channel, ts)?.reply_count;
    await this.open(channel, { thread: thread ?? (replied ? ts : null) });
    this.state.tell("point", { ts });
  }

  closeThread = () => this.open(this.state.place.channel, { tab: this.state.place.tab });

  #remember(instead) {
    const { me, place } = this.state;
    const hash = `#/${me.name}/${place.channel}${place.tab === "home" ? "/home" : place.thread ? `/${place.thread}` : ""}`;
    if (hash !== location.hash) history[instead ? "replaceState" : "pushState"](null, "", hash);
  }

  // --- what happens ---

  #take(kind, data) {
    if (kind.startsWith("view_")) this.try(() => this.#loadViews());
    else if (kind === "channel") this.try(() => this.refresh());
    else this.state.take(kind, data);
  }

  #arrived({ channel, message }) {
    const { place, me } = this.state;
    if (message.user !== me.id) {
      const who = this.state.person(message.user)?.real_name ?? "Somebody";
      announce(`${who}: ${message.text ?? ""}`.slice(0, 200));
    }
    const thread = message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : null;
    const here = channel === place.channel && document.hasFocus() !== false;
    if (thread && this.#openAwaited(channel, thread)) return;
    if (here && !thread) this.state.read(channel, null);
    else if (here && thread === place.thread) this.state.read(channel, thread);
    this.state.tell("channels");
  }

  // The thread of a question just asked, once it has a reply: where there is room for it beside its channel.
  #openAwaited(channel, thread) {
    const { place } = this.state;
    if (this.awaited !== `${channel}/${thread}` || place.thread || channel !== place.channel || !wide()) return false;
    this.awaited = null;
    this.open(channel, { thread });
    return true;
  }

  // --- acts ---

  async say(text, { channel, thread }) {
    const command = /^\/([\w-]+)(?:\s+([\s\S]*))?$/.exec(text.trim());
    if (command) return this.try(() => this.client.command(channel, `/${command[1]}`, command[2] ?? "").then(() => true));
    return this.try(async () => {
      const { ts } = await this.client.say(channel, text, thread);
      if (!thread) this.awaited = `${channel}/${ts}`;
      // The reply may have been quicker than the word that the question arrived.
      if (!thread && this.state.thread(channel, ts).length > 1) this.#openAwaited(channel, ts);
      return true;
    });
  }

  react(message, channel, name) {
    const mine = (message.reactions ?? []).some((one) => one.name === name && one.users.includes(this.state.me.id));
    return this.try(() => this.client.react(channel, message.ts, name, !mine));
  }

  edit = (channel, ts, text) => this.try(() => this.client.edit(channel, ts, text).then(() => true));
  remove = (channel, ts) => this.try(() => this.client.remove(channel, ts));
  shortcut = (callback, channel, ts) => this.try(() => this.client.shortcut(callback, channel, ts));
  act = (where, block, element, payload) => this.try(() => this.client.act(where, block, element, payload));

  // Resolves to errors by block id; null when the app took it.
  async submit(view, values) {
    const answer = await this.try(() => this.client.submit(view.id, values));
    if (!answer) return {};
    if (answer.errors) return answer.errors;
    await this.try(() => this.#loadViews());
    return null;
  }

  async closeView(view) {
    await this.try(() => this.client.closeView(view.id));
    await this.try(() => this.#loadViews());
  }
}

// Used where the workspace does not say itself what the app registered.
const SHORTCUTS = [
  { callback_id: "stop_using_this", name: "Stop using this" },
  { callback_id: "correct_this", name: "Correct this" },
  { callback_id: "why_this_answer", name: "Why this answer?" },
];
const COMMANDS = [
  { command: "/kb ask", usage: "question", description: "Ask without anybody else seeing it" },
  { command: "/kb add", usage: "", description: "Propose a new entry" },
  { command: "/kb help", usage: "", description: "What I can do" },
];
