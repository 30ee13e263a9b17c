"""The disk between the camera and the store: the folder is the queue."""
