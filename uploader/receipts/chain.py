"""The chain of this device: each kept frame's record names the one before, and is signed.

A chain has no gap and no fork, whatever dies when. An entry holds its own link, so a put pays for
nothing more than its entry. `chain/head.json` in the spool's folder says which chain goes on, and a
number that is known to be used. A link leaves this disk only after that file knows its number:

    where the newest link is                  if it ends here (kill -9, power cut), the next start
    1 in memory                               has none of it: its number is given to another record
    2 in an entry that is written             as 1, or finds it whole (uploader/queue/landing.py)
    3 in an entry that waits                  finds it there, by the number in the entry's name
    4 in a line of records/ or tombstones/    finds it there; in a line without its end: as 3
    5 in the head file, fsynced               finds it there
    6 in a batch of lines that is an entry or in the store; in quarantine    as 5

Step 5 is made just before a sealed log becomes an entry (uploader/lines/line_log.py), or an entry
is set aside (`keep`): that is the latest moment at which names, one entry and the logs have to be
searched at a start, and it costs two fsyncs per batch instead of per frame.

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from models import durable
from uploader.errors import Damaged, ReceiptError, SpoolError, Unsettled
from uploader.queue.admission import Coming
from uploader.queue.disk_errors import translated
from uploader.queue.disk_queue import DiskQueue
from uploader.queue.entries import CHAIN
from uploader.queue.entry_name import EntryName
from uploader.queue.landing import AT_ONCE
from uploader.queue.turns import Turns
from uploader.receipts.head import Head, new_head, read_head, write_head
from uploader.receipts.key import DeviceKey
from uploader.receipts.link import Link
from uploader.receipts.remains import newest
from uploader.receipts.signing import record_hash
from uploader.record import Record

log = logging.getLogger("uploader")

HEAD = "head.json"

Fields = dict[str, Any]
"""Of a record, as it is written down."""
Draft = Callable[[Link], Record]
"""A record that waits for its link."""


class Next(NamedTuple):
    """A frame that is being put, and the head of the chain once it is accepted."""

    coming: Coming
    head: Head


class Chain:
    """The chain that goes on in a spool. Thread-safe.

    Links are given out in order; the frames are written at once, and accepted in order, those that
    are ready together (uploader/queue/turns.py). Where one fails, those with a later link are
    refused. head: the newest link that was accepted; None before the first frame of a chain.
    """

    def __init__(self, queue: DiskQueue, key: DeviceKey) -> None:
        """Takes up what an earlier run left. Raises SpoolError when the disk fails."""
        self._queue, self._spool, self._key = queue, queue.folder, key
        self._file = self._spool / CHAIN / HEAD
        self._guard = threading.Condition()
        self._turns = Turns[Next](self._guard, self._land, self._settle, AT_ONCE)
        self._kept: Head | None = None
        with translated(self._spool):
            durable.sync_folder(self._spool)  # a power cut must not take what is found now
            self.head = self._tail = self._found(queue.newest)
        self._certain = self.head is not None

    def put(self, draft: Draft, arrive: Callable[[Record, Fields], Coming]) -> Record:
        """The record with its link, when its entry would survive a power cut.

        arrive: holds room for the entry of a record, which is also given as it is written down.
        Raises SpoolError, ReceiptError: then nothing is accepted.
        """
        with self._guard:
            record, fields, head = self._linked(draft, self._going_on())
            coming = arrive(record, fields)
            turn = self._turns.begin(Next(coming, head))
            self._tail = head
        try:
            self._turns.run(turn, lambda: self._queue.write(coming))
        finally:
            self._queue.forget(coming)
        return record

    def keep(self) -> None:
        """Writes the head down; from then on any link may leave the disk. Raises SpoolError."""
        with self._guard:
            self._going_on()
            assert self.head is not None
            self._write(self.head)

    def _land(self, coming: Sequence[Next]) -> None:
        self._queue.land([each.coming for each in coming])

    def _settle(self, coming: Sequence[Next], error: SpoolError | None) -> None:
        """The head is known before anybody can take from the queue what it stands for."""
        if error is None:
            self.head = coming[-1].head
            self._queue.landed([each.coming for each in coming])
        else:
            self._queue.refused([each.coming for each in coming])
            self._tail = self.head
            self._certain = self._certain and not isinstance(error, Unsettled)

    def _going_on(self) -> Head:
        """The link from which to go on: of a new chain, unless that of the last one is certain."""
        if self._tail is None or not self._certain:
            begun = new_head(self._key.public_key)
            self._write(begun)
            log.info("the chain of receipts %s begins", begun.chain)
            self.head = self._tail = begun
            self._certain = True
        return self._tail

    def _linked(self, draft: Draft, head: Head) -> tuple[Record, Fields, Head]:
        link = Link(head.chain, head.number + 1, head.sha256, head.public_key, signature="")
        unsigned = draft(link)
        fields = unsigned.fields(source_ref=unsigned.key)
        digest = record_hash(fields)
        signed = replace(link, signature=self._key.sign(digest))
        fields["chain"]["signature"] = signed.signature
        after = replace(head, number=link.number, sha256=digest.hex())
        return replace(unsigned, chain=signed), fields, after

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
