"""What the macros plugin of MkDocs loads. The code is in the package runbook: see runbook/site/plugin.py."""

from runbook.site.plugin import define_env, on_post_build, on_post_page_macros

__all__ = ["define_env", "on_post_build", "on_post_page_macros"]
