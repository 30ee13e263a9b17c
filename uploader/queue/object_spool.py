"""What takes finished objects on their way to the store; `uploader.spool.Spool` does."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from uploader.identity import BatchKind


class ObjectSpool(Protocol):
    """Accepts objects that hold no picture."""

    def put_object(
        self,
        kind: BatchKind,
        body: bytes,
        content_type: str,
        at: datetime,
        metadata: Mapping[str, str] | None = None,
        id: str | None = None,
    ) -> str:
        """Returns the key when the object would survive a power cut; raises SpoolError.

        An object of that id which is there already is left as it is.
        """
