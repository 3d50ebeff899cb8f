"""The capture service: an inbox on a public host that answers a provider only when its callback is on disk."""
