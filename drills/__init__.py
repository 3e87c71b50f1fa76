"""The drills: procedures of the built pages, run against a real daemon. See README.md."""
