"""The drills: procedures of the built pages, run against a real daemon. README.md is the way in."""
