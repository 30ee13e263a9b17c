"""What the spool and the stores can do wrong, in one tree."""


class UploaderError(Exception):
    """Something between the spool and the store failed; the message says what to do."""


class SpoolError(UploaderError):
    """The spool cannot be used (not writable, in use by another process, not a spool)."""


class SpoolFull(SpoolError):
    """The spool is at one of its bounds, or the disk is full; the frame was not accepted."""


class Unsettled(SpoolError):
    """The disk failed after an entry had got its name: a power cut may bring it back."""


class Damaged(SpoolError):
    """An entry of the spool is torn, changed or foreign; it is set aside, never sent."""


class ScoreLogError(UploaderError):
    """A log of scores cannot be read; the message says what to do."""


class NotMasked(UploaderError):
    """Something that is not exactly a MaskedFrame was offered to the spool."""


class PolicyError(UploaderError):
    """What is worth a label is set up wrong; nothing was begun."""


class ReceiptError(UploaderError):
    """The device's key cannot be used, or a record cannot be signed."""


class NotEncoded(SpoolError):
    """A masked frame cannot be made a picture file of that format; it is not kept."""


class VideoNotWritten(UploaderError):
    """A video cannot be written to its end; the message is a clause that says why."""


class StoreError(UploaderError):
    """The object store did not take an object.

    may_be_there: whether it may have taken it all the same, as where its answer was lost.
    """

    may_be_there = False


class StoreUnavailable(StoreError):
    """Try again later: the connection broke, timeout, 5xx."""

    may_be_there = True


class NotTaken(StoreUnavailable):
    """Try again later: there was no connection, or the answer was no, for now."""

    may_be_there = False


class StoreSilent(StoreUnavailable):
    """It is reached, and did not take or answer in time: the line may only be slow."""


class UploadCut(StoreUnavailable):
    """The time for it was over."""

    def __init__(self) -> None:
        super().__init__("the upload was cut when its time was over; it waits in the spool")


class StoreDenied(StoreError):
    """Keep it and tell a person: 401, 403, no credentials, no such bucket."""


class NotCompared(StoreDenied):
    """Something lies under its key, likely this; whether it is cannot be seen."""

    may_be_there = True


class StoreRejected(StoreError):
    """This object will never be taken as it is: another 4xx, a checksum that differs."""


class ObjectExists(StoreRejected):
    """Something lies under this key already, and was not overwritten."""


class NotSpoken(StoreDenied):
    """The server does not know what it was asked for: not every S3 knows what that of AWS knows."""


class ObjectMissing(StoreError):
    """The object that was to be read is not there, or not any more."""
