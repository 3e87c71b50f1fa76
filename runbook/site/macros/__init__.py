"""What the pages call: each module registers the macros of one subject."""
