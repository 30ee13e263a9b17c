"""What masking can refuse, in one tree."""


class MaskingError(Exception):
    """A frame could not be masked; it goes nowhere."""


class Withheld(MaskingError):
    """Nobody vouches for a masked frame; it is not kept."""


class LookFailed(Withheld):
    """One who was to look at a masked frame broke, or took too long."""
