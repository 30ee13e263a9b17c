"""How much a mask still shows, one file per question: the parts of `benchmarks.privacy`."""
