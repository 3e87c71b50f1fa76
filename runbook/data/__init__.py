"""What is under data/: read, typed, checked."""
