"""The site without its server: a service worker for those who visited it, an archive for those who never could."""

import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from lxml import html

from runbook.export.edition import PrintEdition

HERE = Path(__file__).parent
# Nothing a reader needs offline: the documents to print are kept by hand, the rest is for machines and developers.
NOT_KEPT = ("pdf/", "offline/", "sitemap.", "404.html", "sw.js")
# In the archive the documents are welcome: whoever carries it may need to print.
NOT_PACKED = ("offline/", "sitemap.", "404.html", "sw.js")
ARCHIVE = "offline/runbook-offline.zip"
FOLDER = "runbook-offline"
SHIM = "assets/file-worker.js"


def tidy(site: Path) -> None:
    """Deletes what no page of ours loads: source maps, and the stemmers of languages that the site does not speak."""
    for path in site.rglob("*.map"):
        path.unlink()
    shutil.rmtree(site / "assets/javascripts/lunr", ignore_errors=True)


def worker(site: Path, edition: PrintEdition) -> Path:
    """Writes site/sw.js. Its cache is named by the content of every kept file and by the audience."""
    kept = [path for path in _files(site) if not path.startswith(NOT_KEPT) and not path.endswith((".map", ".gz"))]
    digest = hashlib.sha256()
    for path in kept:
        digest.update(f"{path}\0".encode() + (site / path).read_bytes())
    urls = [re.sub(r"(^|/)index\.html$", r"\1", path) or "./" for path in kept]
    values = {
        "audience": edition.audience,
        "version": digest.hexdigest()[:16],
        "made": edition.made.strftime("%Y-%m-%d %H:%M UTC"),
        "files": urls,
    }
    script = (HERE / "service_worker.js").read_text(encoding="utf-8")
    text = f"const EDITION = {json.dumps(values)};\n{script}"
    target = site / "sw.js"
    target.write_text(text, encoding="utf-8")
    return target


def archive(site: Path, edition: PrintEdition) -> Path:
    """Writes the archive: the same pages, with links that a file system understands and a search that needs no server.

    The same bytes for the same site: entries in order, each with the edition's time.
    """
    target = site / ARCHIVE
    target.parent.mkdir(exist_ok=True)
    stamp = max(edition.made.timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    files: dict[str, bytes] = {SHIM: (HERE / "file_worker_polyfill.js").read_bytes()}
    for path in _files(site):
        if path.startswith(NOT_PACKED) or path.endswith((".map", ".gz")):
            continue
        content = (site / path).read_bytes()
        if path.endswith(".html"):
            content = _page(path, content.decode("utf-8"))
        if path == "search/search_index.json":
            index = json.loads(content)
            for entry in index["docs"]:
                # A section of the start page has no path of its own.
                entry["location"] = _to_file(
                    f"./{entry['location']}" if entry["location"].startswith("#") else entry["location"]
                ).removeprefix("./")
            path, content = "search/search_index.js", f"var __index = {json.dumps(index)}".encode()
        files[path] = content
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{FOLDER}/{path}", stamp)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            out.writestr(entry, files[path])
    return target


def _files(site: Path) -> list[str]:
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())


def _page(path: str, text: str) -> bytes:
    """A page for the file system: a link to a folder names the file in it, and the stand-in for workers comes first."""
    tree = html.document_fromstring(text)
    for element in tree.xpath("//a[@href] | //link[@href]"):
        element.set("href", _to_file(element.get("href")))
    # The archive does not hold itself.
    for link in tree.xpath(f'//a[contains(@href, "{ARCHIVE}")]'):
        link.drop_tag()
    # No service worker, no canonical address and no other editions on a file system.
    for element in tree.xpath('//link[@rel="canonical" or @rel="next" or @rel="prev"]'):
        element.drop_tree()
    config = tree.xpath('//script[@id="__config"]')[0]
    base = json.loads(config.text)["base"]
    shim = html.Element("script", {"src": f"{base}/{SHIM}"})
    config.addprevious(shim)
    return b"<!doctype html>\n" + html.tostring(tree, encoding="utf-8")


def _to_file(href: str) -> str:
    """`../desk/#call` -> `../desk/index.html#call`; what leaves the site or names a file stays as it is."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or href.startswith("#"):
        return href
    path = parts.path
    last = path.rsplit("/", 1)[-1]
    if path == "" or last in ("", ".", ".."):
        path = f"{path.rstrip('/')}/index.html" if path.rstrip("/") else "index.html"
    return parts._replace(path=path).geturl()
