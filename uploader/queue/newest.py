"""What stands out among the names of entries that waited at a start."""

from uploader.queue.entry_name import EntryName


class Newest:
    """chains: of each (8 digits), the entry with the highest number. day: the last of any."""

    def __init__(self) -> None:
        self.chains: dict[str, EntryName] = {}
        self.day = 0

    def met(self, name: EntryName) -> EntryName:
        """Looks at one more, and hands it on."""
        self.day = max(self.day, name.day)
        if name.chain and (
            name.chain not in self.chains or name.number > self.chains[name.chain].number
        ):
            self.chains[name.chain] = name
        return name
