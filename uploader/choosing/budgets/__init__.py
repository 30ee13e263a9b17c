"""How many frames may be kept: limits, money, and the reviews of a day."""
