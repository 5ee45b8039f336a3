// Short names of emoji and their characters: those people use at work, enough for reading and for a small picker.

const TABLE = `
+1 👍|-1 👎|white_check_mark ✅|eyes 👀|heart ❤️|tada 🎉|pray 🙏|raised_hands 🙌|clap 👏|joy 😂|smile 😄|slightly_smiling_face 🙂
thinking_face 🤔|sob 😭|cry 😢|open_mouth 😮|wave 👋|ok_hand 👌|muscle 💪|fire 🔥|rocket 🚀|bulb 💡|star ⭐|sparkles ✨
100 💯|x ❌|warning ⚠️|question ❓|exclamation ❗|heavy_check_mark ✔️|hourglass_flowing_sand ⏳|clock3 🕒|bell 🔔|mag 🔍|lock 🔒|key 🔑
memo 📝|book 📖|books 📚|page_facing_up 📄|link 🔗|pushpin 📌|calendar 📆|bar_chart 📊|chart_with_upwards_trend 📈|email 📧
telephone_receiver 📞|speech_balloon 💬|robot_face 🤖|bust_in_silhouette 👤|busts_in_silhouette 👥|raising_hand 🙋|handshake 🤝
point_right 👉|point_up ☝️|arrow_right ➡️|arrow_left ⬅️|arrows_counterclockwise 🔄|repeat 🔁|leftwards_arrow_with_hook ↩️
no_entry ⛔|no_entry_sign 🚫|octagonal_sign 🛑|red_circle 🔴|large_green_circle 🟢|large_yellow_circle 🟡|large_blue_circle 🔵
white_circle ⚪|package 📦|truck 🚚|credit_card 💳|moneybag 💰|receipt 🧾|gear ⚙️|wrench 🔧|hammer_and_wrench 🛠️|lightbulb 💡
house 🏠|inbox_tray 📥|outbox_tray 📤|ticket 🎫|hand ✋|confused 😕|disappointed 😞|sweat_smile 😅|sunglasses 😎|sun 🌞|seedling 🌱
coffee ☕|zap ⚡|information_source ℹ️|black_square_button 🔲|ballot_box_with_check ☑️|bookmark 🔖|label 🏷️|shield 🛡️|broom 🧹`;

const ALIASES = { thumbsup: "+1", thumbsdown: "-1", thinking: "thinking_face", robot: "robot_face", hourglass: "hourglass_flowing_sand" };
const CHARACTERS = new Map(TABLE.trim().split(/[|\n]/).map((pair) => pair.trim().split(" ")));
const TONES = { 2: "🏻", 3: "🏼", 4: "🏽", 5: "🏾", 6: "🏿" };

// What the hover bar offers at once, and what the picker shows first.
export const QUICK = ["+1", "-1", "white_check_mark"];
export const NAMES = [...CHARACTERS.keys()];

// "+1::skin-tone-3" and "thumbsup" too. An unknown name stays readable as `:name:`.
export function emoji(name) {
  const [stem, tone] = name.split("::skin-tone-");
  const character = CHARACTERS.get(ALIASES[stem] ?? stem);
  return character ? character + (TONES[tone] ?? "") : `:${name}:`;
}

export function isEmoji(name) {
  return CHARACTERS.has(ALIASES[name] ?? name);
}

// Names that contain the words typed; those that begin with them first.
export function findEmoji(typed) {
  const word = typed.toLowerCase();
  const starts = NAMES.filter((name) => name.startsWith(word));
  return [...starts, ...NAMES.filter((name) => !name.startsWith(word) && name.includes(word))];
}

export const spoken = (name) => (ALIASES[name] ?? name).replace("+1", "thumbs up").replace("-1", "thumbs down").replaceAll("_", " ");
