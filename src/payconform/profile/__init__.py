"""Reads the description of a target, and says in one line what is wrong with it."""

from payconform.profile.loading import load, parse, refuse_live
from payconform.profile.mistakes import ProfileError

__all__ = ["ProfileError", "load", "parse", "refuse_live"]
