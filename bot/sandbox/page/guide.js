// The way through the loop, for somebody who opens the page for the first time: what to try, as whom, in which order.

import { avatar, role } from "./avatar.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";

// `say` is put into the composer, not sent: the person presses Enter.
const STEPS = [
  {
    person: "U0UMA", channel: "help", title: "Ask something it knows", say: "@answerloop how do I reset my VPN password?",
    text: "Uma asks in #help. The answer comes in the thread, with its sources and two thumbs.",
  },
  {
    person: "U0UMA", channel: "help", title: "Ask something it cannot know", say: "@answerloop how do I get a parking badge for my e-bike trailer?",
    text: "It says that it is not sure and offers a person. Press “Get a human”.",
  },
  {
    person: "U0SAM", channel: "support", title: "Take over and resolve",
    text: "Sam claims the card in #support, opens the thread and answers Uma there, then presses Resolve. The draft is made from Sam’s own words.",
  },
  {
    person: "U0ADA", channel: "kb-review", title: "Approve what was learned",
    text: "Ada reads the proposal in #kb-review: edit it, approve it or reject it. Nothing is learned without a yes.",
  },
  {
    person: "U0UMA", channel: "help", title: "Ask again, in other words", say: "@answerloop where do I get a permit to park my bicycle trailer?",
    text: "The next person who asks is answered at once.",
  },
  {
    person: "U0ADA", channel: "kb-review", title: "Change your mind",
    text: "Undo on the approved card takes it back. A 👎 with a correction, or “Correct this” in a message’s menu, begins the loop anew.",
  },
];

// One line for the banner: where this person comes in.
export const HINTS = {
  U0UMA: "As Uma, ask Answerloop something in #help, or write to it directly.",
  U0SAM: "As Sam, claim handoffs in #support, answer in the card’s thread, and resolve them.",
  U0ADA: "As Ada, approve, edit or undo what was learned in #kb-review.",
  U0ANN: "As Ann, a second admin, review together with Ada.",
  U0GUS: "As Gus, a guest, see what Answerloop keeps from guests.",
  U0EVE: "As Eve, from another company, see what Answerloop says in a shared channel.",
};

export const PURPOSES = {
  help: "Everybody asks here. Mention @answerloop with a question.",
  support: "The staff room: handoffs arrive here as cards, and each card’s thread is where staff answer.",
  "kb-review": "Admins decide here what Answerloop may learn.",
  finance: "A private channel. What is said here stays here.",
  partners: "Shared with another company. Answerloop keeps to itself unless an admin allows it.",
  random: "Answerloop is not in this channel.",
};

// Which steps were begun in this window; the first one that was not is the next.
const DONE = "answerloop.steps";

export class Guide {
  constructor(app, { close, compose }) {
    Object.assign(this, { app, close, compose });
    this.done = new Set(JSON.parse(sessionStorage.getItem(DONE) ?? "[]"));
    this.element = h("aside", { class: "pane guide", "aria-label": "Guide" });
    app.state.on("people", () => this.update());
  }

  update() {
    const { state } = this.app;
    if (!state.me) return;
    replace(this.element,
      h("header", { class: "pane-head" }, h("div", { class: "pane-title" }, h("h2", {}, "The loop in six steps"), h("p", {}, "Three people, one page. About five minutes.")),
        h("button", { class: "button quiet square", type: "button", "aria-label": "Close the guide", on: { click: this.close } }, icon("close"))),
      h("ol", { class: "steps" }, STEPS.map((step, index) => this.#step(step, index))),
      h("p", { class: "guide-foot" }, "Switch between the people at the top. The keyboard works everywhere: arrows move between messages, ",
        h("kbd", {}, "T"), " opens a thread, ", h("kbd", {}, "R"), " reacts, ", h("kbd", {}, "E"), " edits."));
  }

  #step(step, index) {
    const person = this.app.state.person(step.person);
    const done = this.done.has(index);
    const next = STEPS.findIndex((one, at) => !this.done.has(at)) === index;
    return h("li", { class: next ? "step next" : "step", "aria-current": next ? "step" : null },
      h("span", { class: done ? "step-number done" : "step-number" }, done ? icon("check", 14) : index + 1, done && h("span", { class: "visually-hidden" }, "begun")),
      h("div", { class: "step-main" },
        h("p", { class: "step-who" }, avatar(person, "small"), person?.name[0].toUpperCase(), person?.name.slice(1), h("span", { class: "role" }, role(person))),
        h("h3", {}, step.title),
        h("p", {}, step.text),
        step.say && h("p", { class: "step-say" }, step.say),
        h("button", { class: "button", type: "button", "data-key": `step/${index}`, on: { click: () => this.#go(step, index) } }, step.say ? "Put it in the composer" : `Go to #${step.channel}`)));
  }

  async #go(step, index) {
    this.done.add(index);
    sessionStorage.setItem(DONE, JSON.stringify([...this.done]));
    if (this.app.state.me.id !== step.person) await this.app.signIn(step.person);
    const channel = [...this.app.state.channels.values()].find((one) => one.name === step.channel);
    if (channel) await this.app.open(channel.id);
    this.update();
    if (step.say) this.compose(step.say);
  }
}
