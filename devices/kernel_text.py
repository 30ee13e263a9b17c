"""Small files in which the kernel and the system tell of the machine, as text and as pairs."""

from pathlib import Path


def text(path: Path) -> str:
    """What a file says, lists separated by blanks; empty where there is none to be read."""
    try:
        return path.read_text(errors="replace").replace("\0", " ").strip()
    except OSError:
        return ""


def pairs(path: Path, separator: str = "=") -> dict[str, str]:
    """A file of one pair a line, `KEY=value` or `key : value`; of equal keys the first counts."""
    found: dict[str, str] = {}
    for line in text(path).splitlines():
        key, _, value = line.partition(separator)
        found.setdefault(key.strip(), value.strip())
    return found
