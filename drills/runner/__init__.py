"""Takes command blocks from the built pages, runs them on a rig or a real system, and writes the evidence."""
