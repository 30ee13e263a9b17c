"""What this machine has, what is used of it, and what is set so that it fits."""
