"""What every object store must do, ours and those of others: `check_store(store, stored)`."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timezone

from uploader.identity import new_id, object_key
from uploader.store import Store, Upload

BODY = bytes(range(256)) * 40


def upload(body: bytes = BODY) -> Upload:
    """A frame-like object under a fresh key."""
    at, digest = datetime(2026, 1, 31, tzinfo=timezone.utc), hashlib.sha256(body).hexdigest()
    key = object_key("frame", "farm", "cam1", at, new_id(at), digest)
    return Upload(key, body, digest, "image/jpeg", {"label": "ripe", "faces": "2"})


def check_store(store: Store, stored: Callable[[], dict[str, bytes]]) -> None:
    """Runs the store through its contract.

    stored: reads back everything that it holds, by another way than the store: full address → body.
    """
    before = stored()
    first, empty = upload(), upload(b"")
    for each in (first, empty, first):  # the last is a retry after a lost answer
        store.put(each)
    added = {uri: body for uri, body in stored().items() if uri not in before}
    assert added == {store.uri(first.key): BODY, store.uri(empty.key): b""}
    assert store.uri(first.key).endswith("/" + first.key)

    sentence = store.check()
    assert sentence.endswith(".")
    assert sentence == store.check()

    store.close()
    store.close()
