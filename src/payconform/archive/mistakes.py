"""What a user asked of an archive and cannot have."""


class InputError(Exception):
    """An input or an option is not as it must be; the text is one line: what, where, and how to mend it."""
