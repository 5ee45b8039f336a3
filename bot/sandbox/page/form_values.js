// What stands in the inputs of one modal, home tab or message: block id and action id to Slack's state value.
// It outlives a rendering, so that an update of the view keeps what somebody already typed, as Slack does.

export class FormValues {
  constructor(start = {}) {
    this.values = structuredClone(start);
  }

  get(block, action) {
    return this.values[block]?.[action];
  }

  set(block, action, value) {
    (this.values[block] ??= {})[action] = value;
  }

  // The state as it is submitted: only blocks that the view has now.
  submitted(blocks) {
    const present = new Set(blocks.map((block) => block.block_id));
    return Object.fromEntries(Object.entries(this.values).filter(([block]) => present.has(block)));
  }
}

// What an element holds before anybody touched it.
export function initialValue(element) {
  const of = (name) => element[name] ?? null;
  switch (element.type) {
    case "plain_text_input": case "number_input": case "email_text_input": case "url_text_input":
      return { type: element.type, value: of("initial_value") };
    case "rich_text_input": return { type: element.type, rich_text_value: of("initial_value") };
    case "datetimepicker": return { type: element.type, selected_date_time: of("initial_date_time") };
    case "timepicker": return { type: element.type, selected_time: of("initial_time") };
    case "datepicker": return { type: element.type, selected_date: of("initial_date") };
    case "static_select": case "radio_buttons": return { type: element.type, selected_option: of("initial_option") };
    case "checkboxes": case "multi_static_select": return { type: element.type, selected_options: element.initial_options ?? [] };
    case "users_select": return { type: element.type, selected_user: of("initial_user") };
    case "channels_select": return { type: element.type, selected_channel: of("initial_channel") };
    case "conversations_select": return { type: element.type, selected_conversation: of("initial_conversation") };
    case "multi_users_select": return { type: element.type, selected_users: element.initial_users ?? [] };
    case "multi_channels_select": return { type: element.type, selected_channels: element.initial_channels ?? [] };
    case "multi_conversations_select": return { type: element.type, selected_conversations: element.initial_conversations ?? [] };
    default: return null;
  }
}
