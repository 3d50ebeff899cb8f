"""Clauses judged on every exchange and callback of a run, whatever case caused them. One file a chapter."""

from payconform.engine.invariants import callbacks, confidentiality, correlation, journeys, pay_data, responses
from payconform.engine.invariants.rules import RULES, Rule

__all__ = ["RULES", "Rule", "callbacks", "confidentiality", "correlation", "journeys", "pay_data", "responses"]
