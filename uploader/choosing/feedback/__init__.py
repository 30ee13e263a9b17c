"""What AWS's ML Feedback connector was told, as our configuration."""
