"""What the modes of a profile share out among them, as it hardly depends on the mode."""

from collections.abc import Sequence
from typing import TypeVar

from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.profile import Profile

T = TypeVar("T")


def in_turn(many: Sequence[T], profile: Profile, mode: Mode, modes: Sequence[Mode] = PAYING_MODES) -> Sequence[T]:
    """Those of `many` that are the mode's, the enabled ones of `modes` taking turns; none where it is not among these."""
    enabled = [each for each in modes if each in profile.modes]
    return many[enabled.index(mode) :: len(enabled)] if mode in enabled else ()
