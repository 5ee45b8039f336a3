// What each person has read, kept in the browser: a timestamp per channel and per thread.

const KEY = "answerloop.read";

export class Reading {
  constructor(storage = localStorage) {
    this.storage = storage;
    try {
      this.marks = JSON.parse(storage.getItem(KEY)) ?? {};
    } catch {
      this.marks = {};
    }
  }

  // `thread` is the timestamp of its first message; without it, the channel itself is meant.
  until(person, channel, thread) {
    return this.marks[`${person}/${channel}${thread ? `/${thread}` : ""}`] ?? "";
  }

  mark(person, channel, thread, ts) {
    if (!ts || ts <= this.until(person, channel, thread)) return false;
    this.marks[`${person}/${channel}${thread ? `/${thread}` : ""}`] = ts;
    this.storage.setItem(KEY, JSON.stringify(this.marks));
    return true;
  }

  // How much in `roots`, a channel's first-level messages, `person` has not seen: messages, and threads with news.
  unread(person, channel, roots) {
    const until = this.until(person, channel);
    return roots.filter((root) => (root.ts > until && root.user !== person) || this.news(person, channel, root)).length;
  }

  news(person, channel, root) {
    return Boolean(root.latest_reply) && root.latest_reply > this.until(person, channel, root.ts);
  }
}
