"""How fast a bundle runs here in every way there is, and what is remembered of it."""
