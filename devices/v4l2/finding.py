"""Which cameras are plugged in, and which of them a configuration means."""

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from devices.device_node import why_closed
from devices.errors import DeviceUnavailable
from devices.kernel_text import text
from devices.v4l2.choice import CODINGS, Offer
from devices.v4l2.control_calls import controls
from devices.v4l2.controls import Control
from devices.v4l2.node import V4L2Node
from devices.v4l2.offers import offers

VIDEO = Path("/sys/class/video4linux")
DEV = Path("/dev")
SOUGHT_BY = ("name", "serial")


@dataclass(frozen=True, slots=True)
class CameraNode:
    """A node of this machine that captures video.

    node: /dev/videoN. name: what the camera calls itself. bus: where it is plugged in.
    formats: its pixel formats, four letters each. problem: why it could not be asked, else empty.
    serial: of its USB device, where it has one. links: what udev made for it, by-id first.
    device: the folder in /sys of the whole camera, which may have several nodes.
    offers, controls: all sizes and rates, and what can be set; only where they were asked for.
    """

    node: str
    name: str
    bus: str = ""
    formats: tuple[str, ...] = ()
    problem: str = ""
    serial: str = ""
    links: tuple[str, ...] = ()
    device: str = ""
    offers: tuple[Offer, ...] = ()
    controls: tuple[Control, ...] = ()


def cameras(video: Path = VIDEO, dev: Path = DEV, wholly: bool = False) -> tuple[CameraNode, ...]:
    """The capture nodes of this machine, by number; wholly: with their offers and controls."""
    found = (_ask(entry, dev, wholly) for entry in _entries(video))
    return tuple(camera for camera in found if camera is not None)


def camera_node(source: str, video: Path = VIDEO, dev: Path = DEV) -> str:
    """The node that a camera's source means; a path stands for itself.

    Of a camera with several nodes it is the first that captures colour. Raises FileNotFoundError
    where there is no such camera, and DeviceUnavailable where there are several.
    """
    by, mark, wish = source.partition(":")
    if not mark or by not in SOUGHT_BY:
        return source
    found: dict[str, list[CameraNode]] = {}
    for camera in cameras(video, dev):
        if wish.strip() and getattr(camera, by) == wish.strip():
            found.setdefault(camera.device or camera.node, []).append(camera)
    if not found:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), source)
    chosen = [min(nodes, key=_loss) for nodes in found.values()]
    if len(chosen) > 1:
        raise DeviceUnavailable(_several(source, by, chosen))
    return chosen[0].node


def _several(source: str, by: str, cameras: Sequence[CameraNode]) -> str:
    listed = ", ".join(f"{camera.node} ({_apart(camera)})" for camera in cameras)
    other = "the serial or " if by == "name" else ""
    return (
        f"camera {source} is one of {len(cameras)} with this {by}: {listed}; "
        f"set source to {other}the /dev/v4l/by-path link of one"
    )


def _apart(camera: CameraNode) -> str:
    """What tells it from another one."""
    port = next((link for link in camera.links if "/by-path/" in link), camera.bus)
    return ", ".join(filter(None, (camera.serial and f"serial:{camera.serial}", port)))


def _loss(camera: CameraNode) -> int:
    """How much its best format lacks: 0 is full colour."""
    return min((CODINGS[code].loss for code in camera.formats if code in CODINGS), default=9)


def _ask(entry: Path, dev: Path, wholly: bool) -> CameraNode | None:
    """What a node tells of itself; None when it captures no video."""
    node, device = dev / entry.name, _device(entry)
    known = CameraNode(
        str(node),
        text(entry / "name"),
        serial=text(device / "serial") if device else "",
        links=_links(node, dev),
        device=str(device or ""),
    )
    try:
        with V4L2Node(str(node)) as camera:
            return _told(camera, known, wholly) if camera.captures() else None
    except OSError as error:
        if not _is_first(entry):
            return None
        return replace(known, problem=why_closed(node) or os.strerror(error.errno or 0))


def _told(camera: V4L2Node, known: CameraNode, wholly: bool) -> CameraNode:
    told, formats = camera.capability(), camera.formats()
    return replace(
        known,
        name=told.card.decode("utf-8", "replace").strip(),
        bus=told.bus_info.decode("latin-1"),
        formats=formats,
        offers=offers(camera, formats) if wholly else (),
        controls=controls(camera) if wholly else (),
    )


def _device(entry: Path) -> Path | None:
    """The whole camera in /sys: of a USB interface the device that it belongs to."""
    link = entry / "device"
    if not link.exists():
        return None
    place = link.resolve()
    return next((one for one in (place, *place.parents) if (one / "idVendor").exists()), place)


def _links(node: Path, dev: Path) -> tuple[str, ...]:
    found = [*sorted(dev.glob("v4l/by-id/*")), *sorted(dev.glob("v4l/by-path/*"))]
    return tuple(str(link) for link in found if link.resolve() == node.resolve())


def _entries(video: Path) -> list[Path]:
    """The video nodes that the kernel knows, by number."""
    return sorted(video.glob("video*"), key=lambda entry: (len(entry.name), entry.name))


def _is_first(entry: Path) -> bool:
    """Whether it is the first node of its device; those after it carry metadata and the like."""
    return text(entry / "index") in ("", "0")
