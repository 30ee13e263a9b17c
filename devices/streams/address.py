"""Where a stream comes from, and the password for it, which nobody ever gets to see."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from devices.secret import password_in
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
        password_in(settings.password_file, f"camera {settings.name}")
        if settings.password_file
        else "",
    )
