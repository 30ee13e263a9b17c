"""From cameras to the pipeline: read, judged, limited, the newest wins."""
