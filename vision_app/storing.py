"""Opens what this device's disk holds for the store: the spool, and journals of raw readings."""

from uploader.bulk.bulk import Bulk
from uploader.receipts.key import FOLDER, open_key
from uploader.spool import Spool
from vision_app.settings import Settings


def open_spool(s: Settings) -> Spool:
    """The spool, whose records are signed with this device's key. Raises SpoolError."""
    assert s.spool.folder is not None, "completed by config.complete"
    assert s.device.data is not None, "completed by config.complete"
    key = open_key(s.device.data / FOLDER)
    return Spool(s.spool.folder, s.spool, s.device.site, s.device.name, s.keep.jpeg_quality, key)


def open_bulk(s: Settings, spool: Spool) -> Bulk:
    """Journals of readings, which become files for the spool."""
    assert s.device.data is not None, "completed by config.complete"
    signals = {
        sensor.name: {signal.name: signal.unit for signal in sensor.signal} for sensor in s.sensor
    }
    return Bulk(s.device.data / "bulk", spool, s.bulk, s.device.site, s.device.name, signals)
