"""The runbook: data -> evidence -> site -> export. Each room imports only from those before it (pyproject.toml)."""
