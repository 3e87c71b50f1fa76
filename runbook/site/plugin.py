"""What mkdocs-macros calls: hands the typed data and the rendered pages to MkDocs. No logic here."""

import sys
from pathlib import Path
from typing import Any

# mkdocs-macros has no types: its plugin object, which it calls `env`.
MacrosPlugin = Any


def define_env(env: MacrosPlugin) -> None:
    """Called once for each build, the live preview's rebuilds included.

    Raises FaultsError, with every fault in data/ and docs/, before MkDocs builds anything.
    """
    _forget_edited_modules()
    from runbook.site.compiled_templates import CompiledTheme
    from runbook.site.environment import page_feet, prepare, settings
    from runbook.site.responsive_tables import Cards

    root, docs = Path(env.project_dir), Path(env.conf["docs_dir"])
    env.runbook = prepare(root, docs)
    env.conf.update(settings(env.runbook))
    env.conf["extra"]["foot"] = page_feet(env.runbook, root, docs)
    env.conf["markdown_extensions"].append(Cards())
    env.conf.plugins["compiled_theme"] = CompiledTheme(root / ".cache" / "templates")


def on_post_page_macros(env: MacrosPlugin) -> None:
    """Called for each page: gives MkDocs the page as it was rendered. mkdocs-macros renders nothing (mkdocs.yml)."""
    env.markdown = env.runbook.pages.text(env.page.file.src_uri)


def on_post_build(env: MacrosPlugin) -> None:
    """Called when the site is written, its search index included."""
    from runbook.site.html_fixups import mend_all
    from runbook.site.search_tags import tag

    site = Path(env.conf["site_dir"])
    tag(site / "search" / "search_index.json", env.runbook.catalog)
    mend_all(site)


_seen: dict[str, float] = {}


def _forget_edited_modules() -> None:
    """The live preview keeps this package in memory. When one of its files was edited, all are loaded anew."""
    files = {name: module.__file__ for name, module in sys.modules.items() if name.startswith("runbook.")}
    times = {name: Path(file).stat().st_mtime for name, file in files.items() if file and Path(file).exists()}
    edited = any(_seen.setdefault(name, time) != time for name, time in times.items())
    if edited:
        for name in files:
            del sys.modules[name]
        _seen.clear()
