"""A store in memory that does as it is told: the edge of the world for tests of the uploader."""

from uploader.errors import StoreError
from uploader.store import Upload


class MemoryStore:
    """Keeps what it is given; raises the errors in `answers` first, one per put (None takes it)."""

    def __init__(self, *answers: StoreError | None) -> None:
        self.answers = list(answers)
        self.puts: list[Upload] = []
        self.objects: dict[str, Upload] = {}

    def uri(self, key: str) -> str:
        return "memory://" + key

    def put(self, upload: Upload) -> None:
        self.puts.append(upload)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.objects[upload.key] = upload

    def check(self, write: bool = False) -> str:
        return "Memory can be written."

    def close(self) -> None:
        pass
