"""What is said of a frame beside its pixels, in the user metadata of its object.

S3 carries user metadata in HTTP headers: ASCII, 2 KB in all. Values are percent-encoded (every
byte that is not a plain visible character), so `urllib.parse.unquote` gives them back. A label too
long for a header is cut here; the record of the frame always holds it whole.
"""

from urllib.parse import quote

from uploader.record import SCHEMA, Record, rfc3339

PLAIN = "!\"#$&'()*+,/:;<=>?@[\\]^`{|}"
MAX_VALUE = 256


def frame_metadata(record: Record) -> dict[str, str]:
    """Schema, label, confidence, reasons, model-sha256, faces and captured-at of a frame."""
    values = {
        "schema": SCHEMA,
        "label": record.label,
        "confidence": f"{record.confidence:.6f}",
        "reasons": ",".join(record.reasons),
        "model-sha256": record.model.sha256,
        "faces": str(len(record.receipt.faces)),
        "captured-at": rfc3339(record.captured_at),
    }
    return {name: escaped(value) for name, value in values.items()}


def escaped(text: str) -> str:
    """The text percent-encoded, cut between two characters so that it stays decodable."""
    if len(text) <= MAX_VALUE and len(whole := quote(text, safe=PLAIN)) <= MAX_VALUE:
        return whole
    kept = ""
    for character in text[:MAX_VALUE]:
        code = quote(character, safe=PLAIN)
        if len(kept) + len(code) > MAX_VALUE:
            break
        kept += code
    return kept
