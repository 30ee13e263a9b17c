"""The chain of this device: each kept frame's record names the one before, and is signed.

A chain has no gap and no fork, whatever dies when. An entry holds its own link, so a put pays for
nothing more than its entry. `chain/head.json` in the spool's folder says which chain goes on, and a
number that is known to be used. A link leaves this disk only after that file knows its number:

    where the newest link is                  if it ends here (kill -9, power cut), the next start
    1 in memory                               has none of it: its number is given to another record
    2 in an entry that is written             as 1, or finds the entry whole: it goes on behind it
    3 in an entry that waits                  finds it there, by the number in the entry's name
    4 in a line of records/ or tombstones/    finds it there; in a line without its end: as 3
    5 in the head file, fsynced               finds it there
    6 in a batch of lines that is an entry or in the store; in quarantine    as 5

Step 5 is made just before a sealed log becomes an entry (uploader/line_log.py), or an entry is set
aside (`keep`): that is the latest moment at which names, one entry and the logs have to be searched
at a start, and it costs two fsyncs per batch instead of per frame.

Where nobody can know which link is the newest, a new chain begins, and the old one just ends:
- The folder could not be fsynced after an entry had got its name (Unsettled). It was not accepted
  and its name was taken away, but a power cut may bring it back. Then it is the last of its chain.
- The entry with the highest number in its name is not what the name says, and another cannot be
  read either; or a line cannot be read; or what it says is not signed by this device.
- The head file is gone or damaged, or another key signs: the spool or the key was replaced.

An entry in quarantine keeps its number and is not sent: whoever checks the store finds that number
missing, and the frame in question lies in `quarantine/`.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from models import durable
from uploader.disk_errors import translated
from uploader.entries import CHAIN
from uploader.entry_name import EntryName
from uploader.errors import Damaged, ReceiptError, SpoolError, Unsettled
from uploader.receipts.head import Head, new_head, read_head, write_head
from uploader.receipts.key import DeviceKey
from uploader.receipts.link import Link
from uploader.receipts.remains import newest
from uploader.receipts.signing import record_hash
from uploader.record import Record

log = logging.getLogger("uploader")

HEAD = "head.json"

Draft = Callable[[Link], Record]
"""A record that waits for its link."""


class Chain:
    """The chain that goes on in a spool. Thread-safe.

    head: the newest link that was accepted; None before the first frame of a chain.
    """

    def __init__(self, spool: Path, key: DeviceKey, named: Mapping[str, EntryName]) -> None:
        """Takes up what an earlier run left. Raises SpoolError when the disk fails.

        named: of each chain (8 digits) the waiting frame with the highest number.
        """
        self._spool, self._key = spool, key
        self._file = spool / CHAIN / HEAD
        self._guard = threading.Lock()
        self._kept: Head | None = None
        with translated(spool):
            durable.sync_folder(spool)  # a power cut must not take what is found now
            self.head = self._found(named)
        self._certain = self.head is not None

    @contextmanager
    def next(self, draft: Draft) -> Iterator[Record]:
        """The record with its link; the block accepts it. Raises SpoolError, ReceiptError.

        One at a time: the chain goes on from a record only when its block has ended well.
        """
        with self._guard:
            head = self._going_on()
            record, after = self._linked(draft, head)
            self._certain = False
            try:
                yield record
            except SpoolError as error:
                self._certain = not isinstance(error, Unsettled)
                raise
            self.head, self._certain = after, True

    def keep(self) -> None:
        """Writes the head down; from then on any link may leave the disk. Raises SpoolError."""
        with self._guard:
            self._write(self._going_on())

    def _going_on(self) -> Head:
        """The head from which to go on: of a new chain, unless that of the last one is certain."""
        if self.head is None or not self._certain:
            begun = new_head(self._key.public_key)
            self._write(begun)
            log.info("the chain of receipts %s begins", begun.chain)
            self.head, self._certain = begun, True
        return self.head

    def _linked(self, draft: Draft, head: Head) -> tuple[Record, Head]:
        link = Link(head.chain, head.number + 1, head.sha256, head.public_key, signature="")
        digest = record_hash(draft(link).fields(source_ref=""))
        record = draft(replace(link, signature=self._key.sign(digest)))
        return record, replace(head, number=link.number, sha256=digest.hex())

    def _write(self, head: Head) -> None:
        if head == self._kept:
            return
        with translated(self._spool):
            durable.make_folder(self._file.parent)
            write_head(self._file, head)
        self._kept = head

    def _found(self, named: Mapping[str, EntryName]) -> Head | None:
        self._kept = read_head(self._file, self._key.public_key)
        if self._kept is None:
            return None
        try:
            return newest(self._spool, self._kept, named)
        except (Damaged, ReceiptError) as error:
            log.warning("a new chain of receipts begins: %s", error)
            return None
