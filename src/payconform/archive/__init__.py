"""Judges callbacks that were captured earlier, one or hundreds of millions, by the rules of a live run."""
