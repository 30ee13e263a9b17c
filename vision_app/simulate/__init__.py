"""What a policy would have kept of the frames in a log of scores."""
