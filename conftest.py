"""Turns the plugin on, and does nothing else."""

pytest_plugins = ["payconform.pytest_plugin"]
