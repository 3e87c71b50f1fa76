"""Keeps what Jinja has compiled, so that the next build need not compile the same templates again.

A template whose source has changed is compiled anew: what is kept names the source that it was made from.
"""

from pathlib import Path
from typing import Any

import jinja2
from mkdocs.plugins import BasePlugin


def kept_in(folder: Path) -> jinja2.BytecodeCache:
    """What an environment of Jinja takes as its `bytecode_cache`. folder: made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    return jinja2.FileSystemBytecodeCache(str(folder))


# MkDocs types neither what is called for a subclass nor settings of a plugin that has none.
class CompiledTheme(BasePlugin):  # type: ignore[no-untyped-call, type-arg]
    """Keeps the theme's own templates compiled. Changes nothing of what is built."""

    def __init__(self, folder: Path) -> None:
        """folder: where to keep the compiled templates."""
        self._folder = folder

    def on_env(self, env: jinja2.Environment, /, **_: Any) -> jinja2.Environment:
        """Called by MkDocs before the first template of the theme is used."""
        env.bytecode_cache = kept_in(self._folder)
        return env
