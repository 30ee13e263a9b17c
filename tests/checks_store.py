"""What every object store must do, ours and those of others: `check_store`, `check_reader`."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timezone

import pytest

from uploader.errors import ObjectMissing
from uploader.identity import new_id, object_key
from uploader.reading import StoreReader
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


def check_reader(store: Store, reader: StoreReader) -> None:
    """Runs the reading side through its contract. store: the same, empty, to be written."""
    assert list(reader.objects()) == []
    sent = [upload(), upload(b""), upload(b"another")]
    for each in sent:
        store.put(each)

    found = {stored.key: stored for stored in reader.objects()}
    assert {key: stored.size for key, stored in found.items()} == {u.key: len(u.body) for u in sent}
    assert all(stored.modified.tzinfo is not None for stored in found.values())
    assert [reader.read(each.key) for each in sent] == [each.body for each in sent]
    assert reader.uri(sent[0].key) == store.uri(sent[0].key)

    assert [stored.key for stored in reader.objects(sent[2].key[:-8])] == [sent[2].key]
    assert list(reader.objects("frames/site=another/")) == []
    first, second, third = sorted(each.key for each in sent)
    folder = first.rpartition("/")[0] + "/"
    assert [stored.key for stored in reader.objects(folder, after=first)] == [second, third]
    assert list(reader.objects(folder, after=folder + "~")) == []
    assert [stored.key for stored in reader.objects(after="frames/site=f")] == [
        first,
        second,
        third,
    ]
    assert list(reader.folders("frames/")) == ["frames/site=farm/"]
    assert list(reader.folders("frames/site=farm/device=cam1/")) == [folder]
    assert list(reader.folders(folder)) == list(reader.folders("records/")) == []
    with pytest.raises(ObjectMissing, match="nothing-of-this-name"):
        reader.read("frames/nothing-of-this-name.jpg")

    reader.close()
    reader.close()
    store.close()
