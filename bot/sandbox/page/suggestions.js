// What the composer offers while one types: people after @, channels after #, emoji after :, commands after /.

import { emoji, findEmoji } from "./emoji.js";

const MOST = 7;

// The word being typed at the cursor and what could stand there: {start, options: [{insert, show, hint}]}, or null.
export function suggestions(text, cursor, state) {
  const before = text.slice(0, cursor);
  const word = /(^|[\s(])([@#:])([\w+-]*)$/.exec(before);
  if (word) {
    const [, , sign, typed] = word;
    if (sign === ":" && typed.length < 2) return null;
    return found(before.length - typed.length - 1, { "@": people, "#": channels, ":": emojis }[sign](typed.toLowerCase(), state));
  }
  if (/^\/[\w ]*$/.test(before)) return found(0, commands(before, state));
  return null;
}

const found = (start, options) => (options.length ? { start, options: options.slice(0, MOST) } : null);

function people(typed, state) {
  const bot = { name: state.bot.name, real_name: state.bot.real_name ?? "Answerloop", hint: "App" };
  const groups = state.groups.map((one) => ({ name: one.handle, real_name: one.name, hint: "Group" }));
  return [bot, ...state.people, ...groups]
    .filter((one) => one.name.startsWith(typed) || one.real_name.toLowerCase().split(" ").some((part) => part.startsWith(typed)))
    .map((one) => ({ insert: `@${one.name} `, show: `@${one.name}`, hint: one.hint ?? one.real_name }));
}

function channels(typed, state) {
  return [...state.channels.values()].filter((one) => !one.is_im && one.name.startsWith(typed))
    .map((one) => ({ insert: `#${one.name} `, show: `#${one.name}`, hint: one.is_private ? "Private" : "" }));
}

const emojis = (typed) => findEmoji(typed).map((name) => ({ insert: `${emoji(name)} `, show: `${emoji(name)}  :${name}:`, hint: "" }));

function commands(typed, state) {
  return state.commands.filter((one) => one.command.startsWith(typed.trimEnd()) && typed.trimEnd().length < one.command.length + 1)
    .map((one) => ({ insert: `${one.command} `, show: `${one.command} ${one.usage ?? ""}`.trim(), hint: one.description ?? "" }))
    .filter((one) => one.insert !== typed);
}
