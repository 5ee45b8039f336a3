"""The learning library: it records, listens, proposes, reviews and measures for any agent."""
