// Whether something happened that the other people could see and nobody has looked at yet: a mark on their names says
// as whom the loop goes on. One live stream per page is enough; the others are asked now and then.

import { Client } from "./api.js";

const EVERY = 4000;
const SOON = 400;
// The marks of what was on this screen, whoever looked.
const SCREEN = "screen";

export class Elsewhere {
  // `people` are the ids to watch; `tell(news)` hears for whom there is news, and in which channel.
  constructor(app, people, tell) {
    Object.assign(this, { app, people, tell, timer: null });
    const { state } = app;
    for (const topic of ["messages", "place", "people"]) state.on(topic, () => this.#soon(SOON));
    document.addEventListener("visibilitychange", () => this.#soon(SOON));
  }

  #soon(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#look(), wait);
  }

  #seen() {
    const { state } = this.app;
    const last = state.all(state.place.channel).reduce((ts, one) => [ts, one.ts, one.latest_reply ?? ""].sort().at(-1), "");
    state.reading.mark(SCREEN, state.place.channel, null, last);
  }

  async #look() {
    const { state } = this.app;
    if (!state.me || document.hidden) return;
    this.#seen();
    const others = state.people.filter((one) => this.people.includes(one.id) && one.id !== state.me.id);
    const news = new Map();
    await Promise.all(others.map(async (one) => {
      const { channels } = await new Client(one.token).channels();
      const unseen = channels.filter((channel) => (channel.latest ?? "") > state.reading.until(SCREEN, channel.id));
      // First where the person at the page now cannot look, then where the latest was said.
      const rank = (channel) => `${state.channels.has(channel.id) ? 0 : 1}/${channel.latest}`;
      unseen.sort((a, b) => (rank(a) < rank(b) ? 1 : -1));
      if (unseen.length) news.set(one.id, unseen[0].id);
    })).catch(() => {});
    this.tell(news);
    this.#soon(EVERY);
  }
}
