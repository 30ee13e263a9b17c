"""Where a stream comes from, and the password for it, which nobody ever gets to see."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from devices.errors import DeviceUnavailable
from devices.settings import STREAM_PORTS, CameraSettings


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """scheme, host and port are shown; path, user and password are not: paths hold secrets, too.

    host: without brackets. target: path and query, as the server is asked for it.
    """

    scheme: str
    host: str
    port: int
    target: str
    username: str
    password: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self._place}"

    def __repr__(self) -> str:
        return f"Address({self})"

    @property
    def secure(self) -> bool:
        """Whether it is spoken over TLS."""
        return self.scheme in ("rtsps", "https")

    @property
    def plain(self) -> str:
        """The whole address but for user and password. Not to be shown."""
        return f"{self.scheme}://{self._place}{self.target}"

    @property
    def whole(self) -> str:
        """What FFmpeg takes, with user and password. Not to be shown."""
        user = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@"
        return f"{self.scheme}://{user * bool(self.username)}{self._place}{self.target}"

    @property
    def _place(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def address_of(settings: CameraSettings) -> Address:
    """Reads the password. Raises DeviceUnavailable when it cannot be read."""
    parts = urlsplit(settings.source)
    return Address(
        parts.scheme,
        parts.hostname or "",
        parts.port or STREAM_PORTS[parts.scheme],
        (parts.path or "/") + f"?{parts.query}" * bool(parts.query),
        settings.username or "",
        _password(settings.name, settings.password_file) if settings.password_file else "",
    )


def _password(camera: str, path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise DeviceUnavailable(
            f"camera {camera}: password_file {path} cannot be read: {why}"
        ) from None
    if not lines or not lines[0]:
        raise DeviceUnavailable(
            f"camera {camera}: password_file {path} is empty; write the password as its first line"
        )
    return lines[0]
