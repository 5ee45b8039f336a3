// Slack's timestamps ("1700000000.000100") as a person reads them, in that person's time zone.

const formats = new Map();

function format(tz, options) {
  const key = `${tz}${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: tz, ...options }));
  return formats.get(key);
}

const dateOf = (ts) => new Date(Number.parseFloat(ts) * 1000);
export const clock = (ts, tz) => format(tz, { hour: "2-digit", minute: "2-digit" }).format(dateOf(ts));
export const full = (ts, tz) => format(tz, { dateStyle: "full", timeStyle: "medium" }).format(dateOf(ts));
const dayKey = (date, tz) => format(tz, { year: "numeric", month: "2-digit", day: "2-digit" }).format(date);

export const sameDay = (a, b, tz) => dayKey(dateOf(a), tz) === dayKey(dateOf(b), tz);

export function day(ts, tz, now = new Date()) {
  const yesterday = new Date(now.getTime() - 86_400_000);
  if (dayKey(dateOf(ts), tz) === dayKey(now, tz)) return "Today";
  if (dayKey(dateOf(ts), tz) === dayKey(yesterday, tz)) return "Yesterday";
  return format(tz, { weekday: "long", day: "numeric", month: "long" }).format(dateOf(ts));
}

export function ago(ts, now = Date.now()) {
  const minutes = Math.floor((now - dateOf(ts).getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  return `${Math.floor(hours / 24)} d ago`;
}
