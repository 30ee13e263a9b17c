"""Reads a camera's controls from its driver, and sets them."""

import ctypes
import errno
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from devices.settings import ControlValue
from devices.v4l2 import controls_abi as v4l2
from devices.v4l2.controls import Control, Setting, plan, slug
from devices.v4l2.node import V4L2Node

MOST = 512
"""So many controls, and entries of a menu, are heard at most."""

TYPES = frozenset(
    {
        v4l2.TYPE_INTEGER,
        v4l2.TYPE_BOOLEAN,
        v4l2.TYPE_MENU,
        v4l2.TYPE_BUTTON,
        v4l2.TYPE_INTEGER64,
        v4l2.TYPE_BITMASK,
        v4l2.TYPE_INTEGER_MENU,
    }
)
"""Those of one number; texts and tables are left alone."""

SILENT = (errno.EIO, errno.EPIPE, errno.ETIMEDOUT)
"""A camera does not answer for one of its controls."""

WHY_REFUSED = {
    errno.EBUSY: "it cannot be set while pictures are taken, or another program holds it",
    errno.EACCES: "it is read-only, or something automatic holds it: switch that off",
    errno.ERANGE: "the camera does not take this value now",
    errno.EINVAL: "the camera does not take this value now",
    errno.EIO: "the camera did not answer",
    errno.ETIMEDOUT: "the camera did not answer",
    errno.EPIPE: "the camera refused it",
}
"""What the kernel means; other errors are those of the whole camera."""


def apply(node: V4L2Node, wishes: Mapping[str, ControlValue]) -> tuple[str, ...]:
    """Sets what the configuration wishes; a sentence for each wish that could not be fulfilled."""
    if not wishes:
        return ()
    settings, faults = plan([_control(node, told) for told in _queried(node)], wishes)
    refused = [_set(node, setting) for setting in settings]
    held = {told.id for told in _queried(node) if told.flags & v4l2.FLAG_INACTIVE}
    idle = [
        f"{setting.wish} has no effect: something automatic holds it, switch that off"
        for setting, why in zip(settings, refused, strict=True)
        if setting.control.id in held and not why
    ]
    return (*faults, *filter(None, refused), *idle)


def controls(node: V4L2Node) -> tuple[Control, ...]:
    """Every control of one number, with its present value."""
    return tuple(replace(_control(node, told), value=_read(node, told)) for told in _queried(node))


def _queried(node: V4L2Node) -> Iterator[v4l2.QueryExtCtrl]:
    last = 0
    for _ in range(MOST):
        query = v4l2.QueryExtCtrl(id=last | v4l2.NEXT_CTRL)
        try:
            node.call(v4l2.QUERY_EXT_CTRL, query)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOTTY, *SILENT):
                return
            raise
        last = query.id
        if query.type in TYPES and not query.nr_of_dims and not query.flags & v4l2.FLAG_DISABLED:
            yield query


def _control(node: V4L2Node, told: v4l2.QueryExtCtrl) -> Control:
    return Control(
        id=told.id,
        name=slug(told.name.decode("latin-1")),
        type=told.type,
        low=told.minimum,
        high=told.maximum,
        step=max(told.step, 1),
        default=told.default_value,
        menu=dict(_menu(node, told)),
        read_only=bool(told.flags & v4l2.FLAG_READ_ONLY),
        inactive=bool(told.flags & v4l2.FLAG_INACTIVE),
    )


def _menu(node: V4L2Node, told: v4l2.QueryExtCtrl) -> Iterator[tuple[int, str]]:
    """Its entries; a menu may have gaps."""
    if told.type not in (v4l2.TYPE_MENU, v4l2.TYPE_INTEGER_MENU):
        return
    for index in range(told.minimum, min(told.maximum, told.minimum + MOST) + 1):
        entry = v4l2.QueryMenu(id=told.id, index=index)
        with suppress(OSError):  # EINVAL is a gap
            node.call(v4l2.QUERYMENU, entry)
            text = entry.name.decode("utf-8", "replace")
            yield index, text if told.type == v4l2.TYPE_MENU else str(entry.value)


def _read(node: V4L2Node, told: v4l2.QueryExtCtrl) -> int | None:
    if told.type == v4l2.TYPE_BUTTON or told.flags & v4l2.FLAG_WRITE_ONLY:
        return None
    one = v4l2.ExtControl(id=told.id)
    with suppress(OSError):  # some cameras do not answer for a control that they list
        _call(node, v4l2.G_EXT_CTRLS, one)
        if told.type == v4l2.TYPE_BITMASK:
            return one.value & 0xFFFF_FFFF
        return one.value64 if told.type == v4l2.TYPE_INTEGER64 else one.value
    return None


def _set(node: V4L2Node, setting: Setting) -> str:
    """Sets one; what the camera has to say against it, else empty."""
    one, wide = v4l2.ExtControl(id=setting.control.id), setting.control.type == v4l2.TYPE_INTEGER64
    setattr(one, "value64" if wide else "value", setting.value)
    try:
        _call(node, v4l2.S_EXT_CTRLS, one)
    except OSError as error:
        why = WHY_REFUSED.get(error.errno or 0)
        if why is None:
            raise
        return f"{setting.wish} was refused: {why}"
    return ""


def _call(node: V4L2Node, request: int, one: v4l2.ExtControl) -> None:
    """One control at a time, so that it is known which one was refused."""
    node.call(request, v4l2.ExtControls(count=1, controls=ctypes.addressof(one)))
