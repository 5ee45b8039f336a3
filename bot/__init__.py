"""The application: Slack, the agent, durable workflows, the command line."""
