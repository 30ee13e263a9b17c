"""What a camera offers, in lines for people."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from devices.errors import DeviceUnavailable
from devices.v4l2.choice import CODINGS, Offer, Steps
from devices.v4l2.finding import DEV, VIDEO, CameraNode, camera_node, cameras


def listing(source: str, video: Path = VIDEO, dev: Path = DEV) -> tuple[str, ...]:
    """Who the camera of this source is, and what it offers; empty where none or several."""
    try:
        node = Path(camera_node(source, video, dev)).resolve()
    except (FileNotFoundError, DeviceUnavailable):
        return ()
    found = (camera for camera in cameras(video, dev, wholly=True) if Path(camera.node) == node)
    return tuple(line for camera in found for line in (who(camera), *lines(camera)))


def who(camera: CameraNode) -> str:
    """Its name, where it is plugged in, and its serial number."""
    place = ", ".join(filter(None, (camera.bus, camera.serial and f"serial {camera.serial}")))
    return f"{camera.name} ({place})" if place else camera.name


def lines(camera: CameraNode) -> Iterator[str]:
    """Its links; its sizes and highest rates by format; its controls, with their present values."""
    yield from camera.links
    by_sizes: dict[str, list[str]] = {}
    for code in dict.fromkeys(offer.code for offer in camera.offers if offer.code in CODINGS):
        offered = [offer for offer in camera.offers if offer.code == code]
        by_sizes.setdefault(_sizes(offered), []).append(code.strip())
    for sizes, codes in by_sizes.items():
        yield f"{', '.join(codes)}: {sizes}"
    known = [f"{one.name} {one.value}" for one in camera.controls if one.value is not None]
    if known:
        yield f"controls: {', '.join(known)}"


def _sizes(offers: Sequence[Offer]) -> str:
    largest = sorted(offers, key=lambda one: one.width.high * one.height.high, reverse=True)
    return ", ".join(dict.fromkeys(map(_size, largest)))


def _size(offer: Offer) -> str:
    rate = f" to {offer.fastest:.4g} fps" if offer.fastest else ""
    return f"{_side(offer.width)}x{_side(offer.height)}{rate}"


def _side(steps: Steps) -> str:
    return str(steps.low) if steps.low == steps.high else f"({steps.low} to {steps.high})"
