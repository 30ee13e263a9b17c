"""Why a file below /dev cannot be used by whoever runs this."""

import grp
import os
from pathlib import Path

GROUP_READS_AND_WRITES = 0o060


def why_closed(node: Path) -> str:
    """A sentence that says why the node cannot be opened and what to do; empty where it can."""
    try:
        told = node.stat()
    except FileNotFoundError:
        return f"{node} is missing: into a container it must be passed, as with --device {node}"
    except OSError as error:
        return f"{node}: {error.strerror}"
    if os.access(node, os.R_OK | os.W_OK, effective_ids=True):
        return ""
    return f"this user may not open {node}: {_remedy(told)}"


def _remedy(told: os.stat_result) -> str:
    if told.st_gid == 0 or told.st_mode & GROUP_READS_AND_WRITES != GROUP_READS_AND_WRITES:
        return "a udev rule must give it to a group that this user is in"
    try:
        group = grp.getgrgid(told.st_gid).gr_name
    except KeyError:
        return f"start the container with --group-add {told.st_gid}"
    return f"sudo usermod -aG {group} $USER, then log in again"
