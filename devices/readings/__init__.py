"""From what a source says to a reading: what all kinds of sensors share."""
