"""Listeners: one file per thing that people touch; `bot.slack.app` registers them."""
