"""The conductor: builds everything, starts it, waits, stops it in reverse. Nobody imports it."""
