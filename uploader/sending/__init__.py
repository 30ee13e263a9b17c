"""From the spool to the store: when, how fast, and what each failure leads to."""
