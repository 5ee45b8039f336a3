"""Revisions of the schema; `bot.schema` runs them."""
