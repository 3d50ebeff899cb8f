"""A conformance harness for the card create-order contract: requests, hosted pages and callbacks."""

__version__ = "0.1.0"
