"""Which frames are worth a label, how many of them, and which go first when there is no room."""
