"""The test bed: hosts with real systemd in namespaces, a simulated broker beside them, and the judge of its record."""
