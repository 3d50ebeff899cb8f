"""What a command prints."""

import os
import sys


def say(text: str) -> None:
    """Print a text. A reader who leaves early (`| head`) does not change what the command comes to."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None  # else Python flushes it once more when the process ends


def has_color() -> bool:
    """Whether to colour what is printed: on a terminal, unless the user asked for none (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
