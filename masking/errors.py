"""What masking can refuse, in one tree."""


class MaskingError(Exception):
    """A frame could not be masked; it goes nowhere."""


class Withheld(MaskingError):
    """The second look still found a face in a masked frame; the frame is not kept."""
