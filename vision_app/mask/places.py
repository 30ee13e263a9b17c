"""Where `vision-app mask` may write: never over what it reads, nor into its folder."""

import os
from pathlib import Path

from vision_app.errors import Refused
from vision_app.mask.kinds import kind_of
from vision_app.mask.naming import shown


def within(path: Path, folder: Path) -> bool:
    """Whether a path, which need not exist, is that folder or in it, be it through links."""
    real = _real(path)
    return any(same(place, folder) for place in (real, *real.parents))


def same(one: Path, other: Path) -> bool:
    """Whether both names are of the same file or folder, be it through links."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def target_of(source: Path, out: Path, overwrite: bool) -> Path:
    """The file or folder to write for IN, where that may be written. Raises Refused."""
    if source.is_dir():
        _require_apart(source, out)
        return out
    if not source.exists():
        raise Refused(f"there is no file or folder {shown(source)}")
    if kind_of(source) is None:
        raise Refused(f"{shown(source)} is no picture and no video, by its ending")
    target = out / source.name if out.is_dir() else out
    if target.suffix.lower() != source.suffix.lower():
        raise Refused(f"{shown(target)} must end with {source.suffix}: the format stays what it is")
    _require_free(target, source, overwrite)
    return target


def require_report_place(report: Path, source: Path, overwrite: bool) -> None:
    """Raises Refused unless the report can be written without harm to IN and OUT."""
    if report.suffix.lower() != ".json":
        raise Refused(f"the report {shown(report)} must end with .json, unlike any output")
    if source.is_dir() and within(report.parent, source):
        raise Refused(f"the report {shown(report)} would lie in IN; choose another place")
    _require_free(report, source, overwrite)


def _require_apart(source: Path, out: Path) -> None:
    if os.path.lexists(out) and not out.is_dir():
        raise Refused(f"{shown(out)} is a file, and IN a folder; name a folder for OUT")
    if within(out, source):
        raise Refused(f"OUT, {shown(out)}, lies in IN or is IN itself; choose another folder")
    if within(source, out):
        raise Refused(
            f"IN lies in OUT, {shown(out)}, which would mix masked files with others; "
            "choose another folder"
        )


def _require_free(target: Path, source: Path, overwrite: bool) -> None:
    if same(target, source):
        raise Refused(f"{shown(target)} is the input itself; choose another name")
    if target.is_dir():
        raise Refused(f"{shown(target)} is a folder; choose another name")
    if os.path.lexists(target) and not overwrite:
        raise Refused(f"{shown(target)} exists already; --overwrite replaces it")


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()
