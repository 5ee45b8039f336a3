// One person's live events. The browser reconnects by itself after a short break; a break can swallow events, so
// after each one the page is told to load afresh.

const KINDS = [
  "message", "message_changed", "message_deleted", "reaction", "ephemeral", "channel", "status", "prompts",
  "view_opened", "view_updated", "view_closed", "home",
];
const SLOWEST = 8000;

export class Stream {
  // take(kind, data) gets each event; connection(up) hears of breaks; resync() is called after one.
  constructor(address, { take, connection, resync }) {
    Object.assign(this, { address, take, connection, resync, wait: 500, broken: false, timer: null });
    this.open();
  }

  open() {
    this.source = new EventSource(this.address);
    this.source.addEventListener("open", () => {
      this.wait = 500;
      this.connection(true);
      if (this.broken) this.resync();
      this.broken = false;
    });
    this.source.addEventListener("error", () => {
      this.broken = true;
      this.connection(false);
      // The browser gives up on some errors (a refused answer, for one): then it is for us to try again.
      if (this.source.readyState !== EventSource.CLOSED) return;
      this.timer = setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(SLOWEST, this.wait * 2);
    });
    for (const kind of KINDS) {
      this.source.addEventListener(kind, (event) => this.take(kind, JSON.parse(event.data)));
    }
  }

  close() {
    clearTimeout(this.timer);
    this.source.close();
  }
}
