"""What was done to a kept frame, chained and signed, so that others can check it later."""
