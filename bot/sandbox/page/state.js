// What the page knows: the people, and what one of them can see. Changed by answers and by live events only; whoever
// shows a part of it listens to that part's topic.
//
// Topics: people, channels, place, messages {channel, ts?}, status, prompts, views, home, connection,
// point {ts}: look at this message.

import { Reading } from "./reading.js";

export class State {
  #listeners = new Map();

  constructor() {
    this.people = [];
    this.team = { name: "" };
    this.bot = { user_id: "", name: "answerloop" };
    this.groups = [];
    this.shortcuts = [];
    this.commands = [];
    this.reading = new Reading();
    this.connected = true;
    this.forget();
  }

  // A change of person: what one could see, the other may not.
  forget() {
    this.me = null;
    this.channels = new Map();
    this.messages = new Map();
    // How many live events there were, and with which of them each message was last heard of.
    this.events = 0;
    this.heard = new Map();
    this.statuses = new Map();
    this.prompts = new Map();
    this.views = [];
    this.home = null;
    this.place = { channel: null, thread: null, tab: "messages" };
  }

  on(topic, listener) {
    if (!this.#listeners.has(topic)) this.#listeners.set(topic, []);
    this.#listeners.get(topic).push(listener);
  }

  tell(topic, detail) {
    for (const listener of this.#listeners.get(topic) ?? []) listener(detail);
  }

  // --- reading ---

  person(id) {
    if (id === this.bot.user_id) return { id, name: this.bot.name, real_name: this.bot.real_name ?? "Answerloop", is_bot: true };
    return this.people.find((one) => one.id === id);
  }

  channel = (id) => this.channels.get(id);
  message = (channel, ts) => this.messages.get(channel)?.get(ts);
  all = (channel) => [...(this.messages.get(channel)?.values() ?? [])].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  roots = (channel) => this.all(channel).filter((one) => !one.thread_ts || one.thread_ts === one.ts || one.subtype === "thread_broadcast");
  thread = (channel, ts) => this.all(channel).filter((one) => one.ts === ts || one.thread_ts === ts);
  status = (channel, thread) => this.statuses.get(`${channel}/${thread}`) ?? "";
  unread = (channel) => this.reading.unread(this.me.id, channel, this.roots(channel));

  // How ids are named in texts.
  names() {
    return {
      me: this.me?.id, tz: this.me?.tz, user: (id) => this.person(id), channel: (id) => this.channels.get(id),
      group: (id) => { const found = this.groups.find((one) => one.id === id); return found && `@${found.handle}`; },
      people: () => this.people, channels: () => [...this.channels.values()].filter((one) => !one.is_im),
    };
  }

  // --- changing ---

  hold(channel, messages) {
    if (!this.messages.has(channel)) this.messages.set(channel, new Map());
    const held = this.messages.get(channel);
    for (const message of messages) held.set(message.ts, message);
  }

  // An answer to 'what stands here' replaces what was known of that place, so that deletions are seen too. What was
  // heard live after `since`, when the question was asked, is newer than the answer and stays as it is.
  load(channel, thread, messages, since) {
    const old = (one) => (this.heard.get(`${channel}/${one.ts}`) ?? 0) <= since;
    const here = thread ? this.thread(channel, thread) : this.roots(channel);
    for (const one of here.filter(old)) this.messages.get(channel).delete(one.ts);
    this.hold(channel, messages.filter(old));
    this.tell("messages", { channel });
  }

  read(channel, thread) {
    const last = thread ? this.thread(channel, thread).at(-1) : this.roots(channel).at(-1);
    if (this.reading.mark(this.me.id, channel, thread, last?.ts)) this.tell("channels");
  }

  // One live event.
  take(kind, data) {
    const { channel } = data;
    const ts = data.message?.ts ?? data.deleted_ts ?? data.ts;
    this.events += 1;
    if (ts) this.heard.set(`${channel}/${ts}`, this.events);
    if (kind === "message" || kind === "message_changed" || kind === "ephemeral") {
      const known = this.message(channel, data.message.ts);
      this.hold(channel, [data.message]);
      this.tell("messages", { channel, ts: data.message.ts, fresh: !known, message: data.message });
    } else if (kind === "message_deleted") {
      const gone = this.message(channel, data.deleted_ts);
      if (gone?.reply_count) this.hold(channel, [{ ...gone, subtype: "tombstone", text: "This message was deleted.", blocks: [], reactions: [], files: [] }]);
      else this.messages.get(channel)?.delete(data.deleted_ts);
      this.tell("messages", { channel, ts: data.deleted_ts, gone: true });
    } else if (kind === "reaction") {
      const message = this.message(channel, data.ts);
      if (message) this.hold(channel, [{ ...message, reactions: data.reactions }]);
      this.tell("messages", { channel, ts: data.ts });
    } else if (kind === "status") {
      this.statuses.set(`${channel}/${data.thread_ts}`, data.status);
      this.tell("status", data);
    } else if (kind === "prompts") {
      this.prompts.set(channel, data);
      this.tell("prompts", data);
    } else if (kind === "home") {
      this.home = data.view;
      this.tell("home");
    }
  }
}
