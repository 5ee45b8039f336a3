"""The knowledge base: what is known and how it is found. Knows nothing of Slack, learning or language models."""
