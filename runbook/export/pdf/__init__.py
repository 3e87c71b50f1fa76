"""The PDFs: pages, books, cards."""
