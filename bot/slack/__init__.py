"""Slack: payloads in, views out, and the listeners between."""
