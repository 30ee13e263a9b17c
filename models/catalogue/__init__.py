"""Third-party files: which there are, and how they are fetched and proved."""
