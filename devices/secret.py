"""Passwords lie in files of their own, never in the configuration."""

from pathlib import Path

from devices.errors import DeviceUnavailable


def password_in(path: Path, whose: str) -> str:
    """The first line of a file. whose: for the sentence. Raises DeviceUnavailable."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise DeviceUnavailable(f"{whose}: password_file {path} cannot be read: {why}") from None
    if not lines or not lines[0]:
        raise DeviceUnavailable(
            f"{whose}: password_file {path} is empty; write the password as its first line"
        )
    return lines[0]
