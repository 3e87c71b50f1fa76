"""The copies for a browser without a network."""
