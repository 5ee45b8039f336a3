"""Durable workflows: the only package that imports DBOS."""
