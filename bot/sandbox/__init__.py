"""The local workspace: a stand-in for Slack on 127.0.0.1, used by the demo and the tests."""
