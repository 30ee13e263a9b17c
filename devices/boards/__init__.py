"""The machine that we run on: which board, processor and accelerators, and what suits it."""
