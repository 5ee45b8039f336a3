// The workspace's client side: what the Slack client of one person can ask for. One method per request.

class ApiError extends Error {
  constructor(code, status) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

async function request(method, path, { token, query, body } = {}) {
  const parameters = new URLSearchParams(Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null));
  const address = parameters.size ? `${path}?${parameters}` : path;
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { "Content-Type": "application/json" }) };
  let response;
  try {
    response = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new ApiError("unreachable", 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok || answer.ok === false) {
    if (answer.errors) return answer;
    throw new ApiError(answer.error ?? answer.detail ?? `status ${response.status}`, response.status);
  }
  return answer;
}

export const everyone = () => request("GET", "/client/people");
export const fault = (body) => request("POST", "/control/faults", { body });

export class Client {
  constructor(token) {
    this.token = token;
  }

  get = (path, query) => request("GET", path, { token: this.token, query });
  post = (path, body) => request("POST", path, { token: this.token, body });

  channels = () => this.get("/client/channels");
  messages = (channel, thread) => this.get("/client/messages", { channel, thread_ts: thread });
  say = (channel, text, thread) => this.post("/client/messages", { channel, text, ...(thread && { thread_ts: thread }) });
  edit = (channel, ts, text) => this.post("/client/messages/edit", { channel, ts, text });
  remove = (channel, ts) => this.post("/client/messages/delete", { channel, ts });
  react = (channel, ts, name, add) => this.post("/client/reactions", { channel, ts, name, add });
  act = (where, block, element, payload) =>
    this.post("/client/actions", { ...where, block_id: block.block_id, action_id: element.action_id, ...payload });
  views = () => this.get("/client/views");
  submit = (view, values) => this.post("/client/views/submit", { view_id: view, values });
  closeView = (view) => this.post("/client/views/close", { view_id: view });
  shortcut = (callback, channel, ts) => this.post("/client/shortcuts", { callback_id: callback, channel, ts });
  command = (channel, command, text) => this.post("/client/commands", { channel, command, text });
  openHome = (tab) => this.post("/client/home", { tab });
  home = () => this.get("/client/home");
  stream = () => `/client/stream?token=${encodeURIComponent(this.token)}`;
  file = (url) => `${url}${url.includes("?") ? "&" : "?"}token=${encodeURIComponent(this.token)}`;
}

// What a person reads when a request fails.
const WORDS = {
  unreachable: "The local workspace does not answer. Is it still running?",
  already_reacted: "You reacted with that already.",
  no_reaction: "That reaction is gone already.",
};

export function explain(error) {
  if (!(error instanceof ApiError)) return "Something went wrong on this page.";
  // The workspace explains itself in sentences; only Slack's own short codes need words.
  return WORDS[error.code] ?? (error.code.includes(" ") ? `${error.code[0].toUpperCase()}${error.code.slice(1)}.` : `That did not work: ${error.code}.`);
}
