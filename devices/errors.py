"""What a camera or a sensor can do wrong, in one tree."""


class DeviceError(Exception):
    """A device failed; the message says which one and what to do."""


class DeviceUnavailable(DeviceError):
    """The device cannot be opened now (absent, busy, forbidden); trying again later may help."""


class DeviceLost(DeviceError):
    """An open device went away or broke; close it and open it again."""


class NothingYet(DeviceError):
    """Nothing arrived within the time that the caller was ready to wait."""


class EndOfSource(DeviceError):
    """A source with an end (a file, a folder) has been read to its end; not a failure."""


class VideoBroken(DeviceError):
    """A file is no video, or one that is cut or damaged; the message is a clause that says how."""


class ProgramMissing(DeviceError):
    """A program that the system should have is not installed; the message says how to get it."""
