"""From sensors to alerts and files: each reading is judged and kept, and models are watched."""
