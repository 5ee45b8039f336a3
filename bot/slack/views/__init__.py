"""Views: pure functions from small values to messages, modals and App Home. They read nothing and decide nothing."""
