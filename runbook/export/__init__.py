"""The built site -> what works without it: PDFs for the desks, a copy for the browser, a copy for a USB stick.

Runs after `mkdocs build`, on its output and on the typed data. Never reads Markdown.
"""
