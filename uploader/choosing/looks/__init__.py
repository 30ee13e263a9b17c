"""What kept frames looked like, so that the same scene is not kept again."""
