"""What gives us light and numbers: cameras, sensors, and what the board is."""
