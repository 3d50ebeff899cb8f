"""Runs cases against a target through ports, and judges what was recorded. It has no network code."""
