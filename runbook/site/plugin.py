"""What mkdocs-macros loads: wires the typed data to the pages. No logic here."""

import sys
from pathlib import Path


def define_env(env):
    """Called by mkdocs-macros once for each build, the live preview's rebuilds included.

    Raises FaultsError, with every fault in data/ and docs/, before anything is rendered.
    """
    # The live preview keeps this package in memory; forget its modules, so that an edited macro is loaded anew.
    for name in [name for name in sys.modules if name.startswith("runbook.")]:
        del sys.modules[name]
    from runbook.site.environment import prepare
    from runbook.site.responsive_tables import Cards

    macros, settings, env.runbook = prepare(Path(env.project_dir), Path(env.conf["docs_dir"]))
    env.conf["extra"]["foot"] = settings.pop("foot")
    env.conf.update(settings)
    env.conf["markdown_extensions"].append(Cards())
    for name, function in macros.items():
        env.macro(function, name)


def on_post_build(env):
    """Called by mkdocs-macros when the site is written, its search index included."""
    from runbook.site.html_fixups import mend_all
    from runbook.site.search_tags import tag

    site = Path(env.conf["site_dir"])
    tag(site / "search" / "search_index.json", env.runbook)
    mend_all(site)
