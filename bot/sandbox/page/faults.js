// What can be made to go wrong between the workspace and the bot. These are for whoever runs the demo: no person in
// Slack could do this.

import { explain, fault } from "./api.js";
import { toast } from "./toast.js";

export const FAULTS = [
  { kind: "duplicate", label: "Deliver the next event twice", hint: "Same event id" },
  { kind: "duplicate_new_id", label: "Deliver it twice under two ids", hint: "As mentions in channels do" },
  { kind: "miss_ack", label: "Lose the next acknowledgement", hint: "The event comes again" },
  { kind: "reorder", label: "Swap the next two events", hint: "Late comes first" },
  { kind: "refresh", label: "Refresh the connection", hint: "Now" },
  { kind: "rate_limit", label: "Refuse the next call", hint: "429 with Retry-After" },
  { kind: "expired_trigger", label: "Expire the next trigger", hint: "A modal cannot open" },
];

export async function cause(one) {
  try {
    await fault({ kind: one.kind, count: 1 });
    toast(`${one.label}: will happen at the next chance.`);
  } catch (error) {
    toast(explain(error), "error");
  }
}
