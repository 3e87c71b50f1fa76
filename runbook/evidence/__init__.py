"""What the drills proved: the files under data/evidence, and how long they hold."""
