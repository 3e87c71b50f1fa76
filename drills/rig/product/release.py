"""What this release is: its release.json, and the digest of its manifest."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FACTS = json.loads((ROOT / "release.json").read_text())
MANIFEST = ROOT / "MANIFEST.sha256"
DIGEST = hashlib.sha256(MANIFEST.read_bytes()).hexdigest() if MANIFEST.exists() else "none"
