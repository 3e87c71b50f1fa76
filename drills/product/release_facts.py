"""What this release is: its release.json, and the digest of its manifest."""

import hashlib
import json
from pathlib import Path

# The folder of the release; its library folder has this package in it.
ROOT = Path(__file__).resolve().parents[2]
FACTS = json.loads((ROOT / "release.json").read_text())
MANIFEST = ROOT / "MANIFEST.sha256"
DIGEST = hashlib.sha256(MANIFEST.read_bytes()).hexdigest() if MANIFEST.exists() else "none"
