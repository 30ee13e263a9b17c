"""Pictures that come over the network without end."""
