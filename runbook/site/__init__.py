"""The pages: macros, templates, theme, and what MkDocs needs to build them."""
