"""The same text in a bare Material site: what the runbook's own macros, styles and scripts cost is the difference."""

import json
import time
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority

from tests.conftest import ROOT


class Keep(BasePlugin):
    """Writes each page's Markdown as it is after the macros."""

    folder: Path

    @event_priority(-100)
    def on_page_markdown(self, markdown, page, config, files):
        """Called last of all plugins, with the text that becomes HTML."""
        file = self.folder / page.file.src_uri
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\ntitle: {json.dumps(page.title)}\n---\n{markdown}", encoding="utf-8")
        return markdown


def ours(site: Path, text: Path | None = None) -> float:
    """Builds the runbook into `site`. text: where to keep the pages' Markdown after the macros. Returns seconds."""
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(site))
    config.extra["pdf"] = True  # as `make site` has it: with the script of the offline copy
    if text:
        keep = Keep()
        keep.folder = text
        config.plugins["keep"] = keep
    return timed(config)


def bare(site: Path, text: Path) -> float:
    """Builds a bare site from that Markdown. Returns seconds."""
    model = load_config(str(ROOT / "mkdocs.yml"))
    own = {
        "site_name": "Bare",
        "docs_dir": str(text),
        "theme": {"name": "material", "font": False},
        "plugins": ["search"],
        "markdown_extensions": [{name: dict(model.mdx_configs.get(name, {}))} for name in model.markdown_extensions],
        "validation": {"absolute_links": "relative_to_docs"},
        "nav": model.nav,
    }
    file = text.with_suffix(".yml")
    file.write_text(json.dumps(own), encoding="utf-8")
    return timed(load_config(str(file), site_dir=str(site)))


def timed(config: MkDocsConfig) -> float:
    """Builds; returns seconds."""
    config.plugins.on_startup(command="build", dirty=False)
    start = time.perf_counter()
    build(config)
    return time.perf_counter() - start
