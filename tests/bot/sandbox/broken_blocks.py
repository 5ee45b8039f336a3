"""Blocks and views that each break one rule of Block Kit by one character, one element or one wrong type."""

from typing import Any

from bot.sandbox.rules import Rule

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(**fields: Any) -> Json:
    return {"type": "section", "text": mrkdwn("hello"), **fields}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def button(**fields: Any) -> Json:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **fields}


def option(**fields: Any) -> Json:
    return {"text": plain("One"), "value": "1", **fields}


def select(**fields: Any) -> Json:
    return {"type": "static_select", "action_id": "pick", "options": [option()], **fields}


def text_input(**fields: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "text", **fields}


def input_block(**fields: Any) -> Json:
    return {"type": "input", "label": plain("Why?"), "element": text_input(), **fields}


def feedback(**fields: Any) -> Json:
    up = {"text": plain("Good"), "value": "up"}
    down = {"text": plain("Bad"), "value": "down"}
    return {"type": "feedback_buttons", "action_id": "vote", "positive_button": up, "negative_button": down, **fields}


def context_actions(*elements: Json) -> Json:
    return {"type": "context_actions", "elements": list(elements)}


def image(**fields: Any) -> Json:
    return {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "a picture", **fields}


def cells(count: int) -> list[Json]:
    return [{"type": "raw_text", "text": "x"}] * count


def table(rows: Any, **fields: Any) -> Json:
    return {"type": "table", "rows": rows, **fields}


def data_table(rows: Any, **fields: Any) -> Json:
    return {"type": "data_table", "caption": "Numbers", "rows": rows, **fields}


def chart(**fields: Any) -> Json:
    pie = {"type": "pie", "segments": [{"label": "a", "value": 1}]}
    return {"type": "data_visualization", "title": "Numbers", "chart": pie, **fields}


def bars(categories: list[str], *labels: str) -> Json:
    data = [{"label": label, "value": 1} for label in labels]
    return {"type": "bar", "series": [{"name": "a", "data": data}], "axis_config": {"categories": categories}}


#: A rule and blocks that break it.
BROKEN_BLOCKS: list[tuple[Rule, list[Any]]] = [
    (Rule.BLOCKS_TOO_MANY, [{"type": "divider"}] * 51),
    (Rule.BLOCK_TYPE, [{"type": "carousel"}]),
    (Rule.BLOCK_TYPE, ["a divider"]),
    (Rule.BLOCK_ID_LENGTH, [section(block_id="x" * 256)]),
    (Rule.BLOCK_ID_UNIQUE, [section(block_id="same"), section(block_id="same")]),
    (Rule.SECTION_EMPTY, [{"type": "section"}]),
    (Rule.SECTION_TEXT, [section(text=mrkdwn("x" * 3001))]),
    (Rule.SECTION_TEXT, [section(text=mrkdwn(""))]),
    (Rule.SECTION_FIELDS, [section(fields=[mrkdwn("x")] * 11)]),
    (Rule.SECTION_FIELDS, [section(fields=[mrkdwn("x" * 2001)])]),
    (Rule.SECTION_ACCESSORY, [section(accessory=feedback())]),
    (Rule.SECTION_ACCESSORY, [section(accessory=text_input())]),
    (Rule.HEADER_TEXT, [{"type": "header", "text": plain("x" * 151)}]),
    (Rule.HEADER_TEXT, [{"type": "header", "text": mrkdwn("*bold*")}]),
    (Rule.ACTIONS_ELEMENTS, [actions(*(button(action_id=f"b{n}") for n in range(26)))]),
    (Rule.ACTIONS_ELEMENTS, [actions()]),
    (Rule.ACTIONS_ELEMENTS, [actions(feedback())]),
    (Rule.CONTEXT_ELEMENTS, [{"type": "context", "elements": [mrkdwn("x")] * 11}]),
    (Rule.CONTEXT_ACTIONS_ELEMENTS, [context_actions(*(feedback(action_id=f"f{n}") for n in range(6)))]),
    (Rule.CONTEXT_ACTIONS_ELEMENTS, [context_actions(button())]),
    (Rule.IMAGE_SOURCE, [image(image_url="https://example.org/" + "x" * 3000)]),
    (Rule.IMAGE_SOURCE, [{"type": "image", "alt_text": "nothing"}]),
    (Rule.IMAGE_ALT, [image(alt_text="x" * 2001)]),
    (Rule.INPUT_LABEL, [input_block(label=plain("x" * 2001))]),
    (Rule.INPUT_LABEL, [input_block(label=mrkdwn("Why?"))]),
    (Rule.INPUT_ELEMENT, [input_block(element=button())]),
    (Rule.INPUT_HINT, [input_block(hint=plain("x" * 2001))]),
    (Rule.MARKDOWN_TEXT, [{"type": "markdown", "text": "x" * 6001}, {"type": "markdown", "text": "x" * 6000}]),
    (Rule.RICH_TEXT_ELEMENTS, [{"type": "rich_text", "elements": [{"type": "section"}]}]),
    (Rule.TABLE_ROWS, [table([cells(1)] * 101)]),
    (Rule.TABLE_ROWS, [table([cells(21)])]),
    (Rule.TABLE_CELL, [table([[{"type": "raw_number", "value": 1}]])]),
    (Rule.TABLE_COLUMNS, [table([cells(1)], column_settings=[{}] * 21)]),
    (Rule.TABLE_ONCE, [table([cells(1)]), table([cells(1)])]),
    (Rule.DATA_TABLE_ROWS, [data_table([cells(1)])]),
    (Rule.DATA_TABLE_ROWS, [data_table([cells(2), cells(1)])]),
    (Rule.DATA_TABLE_CELL, [data_table([[{"type": "rich_text", "elements": []}], cells(1)])]),
    (Rule.DATA_TABLE_FIELDS, [data_table([cells(1)] * 2, caption="")]),
    (Rule.DATA_TABLE_FIELDS, [data_table([cells(1)] * 2, page_size=101)]),
    (Rule.CHART_TITLE, [chart(title="x" * 51)]),
    (Rule.CHART_KIND, [chart(chart={"type": "radar"})]),
    (Rule.CHART_SERIES, [chart(chart={"type": "pie", "segments": [{"label": "a", "value": 1}] * 7})]),
    (Rule.CHART_SERIES, [chart(chart=bars(["a", "b"], "a"))]),
    (Rule.CHARTS_TOO_MANY, [chart(), chart(), chart()]),
    (Rule.ELEMENT_TYPE, [actions({"type": "lever", "action_id": "pull"})]),
    (Rule.ACTION_ID, [actions(button(action_id="x" * 256))]),
    (Rule.ACTION_ID_UNIQUE, [actions(button(), button())]),
    (Rule.BUTTON_TEXT, [actions(button(text=plain("x" * 76)))]),
    (Rule.BUTTON_TEXT, [actions(button(text=mrkdwn("Go")))]),
    (Rule.BUTTON_VALUE, [actions(button(value="x" * 2001))]),
    (Rule.BUTTON_URL, [actions(button(url="https://example.org/" + "x" * 3000))]),
    (Rule.BUTTON_STYLE, [actions(button(style="loud"))]),
    (Rule.BUTTON_LABEL, [actions(button(accessibility_label="x" * 76))]),
    (Rule.FEEDBACK_BUTTON, [context_actions(feedback(positive_button={"text": plain("Good")}))]),
    (Rule.FEEDBACK_BUTTON, [context_actions(feedback(negative_button={"text": plain("x" * 76), "value": "down"}))]),
    (Rule.ICON_BUTTON, [context_actions({"type": "icon_button", "icon": "star", "text": plain("Star")})]),
    (Rule.OVERFLOW_OPTIONS, [section(accessory={"type": "overflow", "action_id": "m", "options": [option()] * 6})]),
    (Rule.SELECT_OPTIONS, [actions(select(options=[option()] * 101))]),
    (Rule.SELECT_OPTIONS, [actions(select(options=[]))]),
    (Rule.PLACEHOLDER, [actions(select(placeholder=plain("x" * 151)))]),
    (Rule.MAX_SELECTED, [section(accessory=select(type="multi_static_select", max_selected_items=0))]),
    (Rule.CHECKBOX_OPTIONS, [actions(select(type="checkboxes", options=[option()] * 11))]),
    (Rule.RADIO_OPTIONS, [actions(select(type="radio_buttons", options=[option()] * 11))]),
    (Rule.INITIAL_OPTION, [actions(select(initial_option=option(value="2")))]),
    (Rule.INITIAL_OPTION, [actions(select(type="checkboxes", initial_options=[option(text=plain("Other"))]))]),
    (Rule.DATE_FORMAT, [actions({"type": "datepicker", "action_id": "day", "initial_date": "1 May"})]),
    (Rule.INPUT_LENGTH, [input_block(element=text_input(max_length=3001))]),
    (Rule.INPUT_LENGTH, [input_block(element=text_input(min_length=-1))]),
    (Rule.INITIAL_VALUE, [input_block(element=text_input(max_length=3, initial_value="four"))]),
    (Rule.OPTION_TEXT, [actions(select(options=[option(text=plain("x" * 76))]))]),
    (Rule.OPTION_VALUE, [actions(select(options=[option(value="x" * 151)]))]),
    (Rule.OPTION_DESCRIPTION, [actions(select(options=[option(description=plain("x" * 76))]))]),
    (Rule.TEXT_OBJECT, [section(text={"type": "html", "text": "<b>hello</b>"})]),
    (Rule.CONFIRM, [actions(button(confirm={"title": plain("Sure?")}))]),
]


def modal(**fields: Any) -> Json:
    return {"type": "modal", "title": plain("Form"), "blocks": [section()], **fields}


#: A rule and a view that breaks it.
BROKEN_VIEWS: list[tuple[Rule, Json]] = [
    (Rule.VIEW_TYPE, modal(type="drawer")),
    (Rule.VIEW_TOO_LARGE, modal(blocks=[section(text=mrkdwn("x" * 2999))] * 90)),
    (Rule.MODAL_TITLE, modal(title=plain("x" * 25))),
    (Rule.MODAL_TITLE, modal(title=None)),
    (Rule.MODAL_BUTTON, modal(submit=plain("x" * 25))),
    (Rule.MODAL_NEEDS_SUBMIT, modal(blocks=[input_block()])),
    (Rule.VIEW_BLOCKS, modal(blocks=[{"type": "divider"}] * 101)),
    (Rule.VIEW_METADATA, modal(private_metadata="x" * 3001)),
    (Rule.VIEW_CALLBACK, modal(callback_id="x" * 256)),
    (Rule.BLOCK_TYPE, modal(blocks=[context_actions(feedback())])),
    (Rule.BLOCK_TYPE, modal(blocks=[{"type": "markdown", "text": "**no**"}])),
    (Rule.OPTION_TEXT, modal(blocks=[actions(select(options=[option(text=plain("x" * 76))]))])),
]
