"""A command block can be pasted as it stands: it parses, it fails closed, and nothing runs after a failure."""

import itertools
import re
import shutil
import subprocess

import pytest

from tests.conftest import PAGES, Block, Site, say

GUARDED = re.compile(r"\$\{([A-Z_]+):\?[^}]*\}")
# Set by the shell itself, or by the block a word before.
FREE = {"?"}


def bash_blocks(site: Site) -> list[Block]:
    return [block for page in PAGES for block in site.blocks(page) if "language-bash" in block.classes]


def parses(text: str) -> subprocess.CompletedProcess:
    return subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)


def test_every_block_has_an_id_of_its_own(site: Site):
    seen: dict[str, str] = {}
    faults = []
    for block in bash_blocks(site):
        if "drill" not in block.classes:
            continue
        if not block.id:
            faults.append(f"docs/{block.page}: a block without an id: {block.text.splitlines()[0]}")
        elif block.id in seen:
            faults.append(f"docs/{block.page}: the id {block.id} is also on docs/{seen[block.id]}")
        seen[block.id] = block.page
    say(faults)


def test_every_block_belongs_to_a_step(site: Site, catalog):
    steps = {step.id for _, step in catalog.steps() if step.human is None}
    drilled = {block.id for block in bash_blocks(site) if "drill" in block.classes}
    undrilled = {block.id for block in bash_blocks(site) if "undrilled" in block.classes}
    say(
        [f"the block {each} belongs to no step in data/procedures/" for each in sorted(drilled - steps)]
        + [f"the step {each} has no block" for each in sorted(steps - drilled - undrilled)]
    )


def test_every_block_parses(site: Site):
    say(
        [
            f"docs/{block.page}: {block.id}: bash cannot read it: {done.stderr.strip()}"
            for block in bash_blocks(site)
            if (done := parses(block.text)).returncode
        ]
    )


def test_every_block_is_one_command(site: Site):
    """Cut after any line, the rest is missing to the shell: so a pasted line never runs after an earlier one failed."""
    faults = []
    for block in bash_blocks(site):
        lines = block.text.rstrip("\n").split("\n")
        for number in range(1, len(lines)):
            head = "\n".join(lines[:number])
            if not head.endswith("\\") and parses(head).returncode == 0:
                faults.append(
                    f"docs/{block.page}: {block.id}: line {number} is a command of its own; join it to the next with "
                    f"&& ({lines[number - 1]})"
                )
    say(faults)


def test_every_variable_is_guarded_and_declared(site: Site, catalog):
    faults = []
    for block in bash_blocks(site):
        where = f"docs/{block.page}: {block.id}"
        for name in GUARDED.findall(block.text):
            if name not in catalog.system.variables and "undrilled" not in block.classes:
                faults.append(f"{where}: {name} is not declared under `variables` in data/system.yml")
        bare = GUARDED.sub("", re.sub(r"'[^']*'", "''", block.text))
        for name in re.findall(r"\$\{?([A-Za-z_?][A-Za-z_]*)", bare):
            if name not in FREE:
                faults.append(f"{where}: ${name} is not guarded")
    say(faults)


# Every command that a block may reach; each is replaced by one that only notes its call.
SPIED = [
    "chronyc",
    "cmp",
    "curl",
    "df",
    "diff",
    "find",
    "git",
    "grep",
    "head",
    "journalctl",
    "jq",
    "ln",
    "make",
    "mkdir",
    "python3",
    "readlink",
    "sed",
    "ssh",
    "systemctl",
    "systemd-run",
    "tail",
    "tar",
    "timeout",
    "tr",
]


def test_every_block_fails_closed_when_nothing_is_set(site: Site, catalog, tmp_path):
    """Without its variables a block reaches no command at all, but for the one that lists the accounts."""
    log, cli = tmp_path / "calls", catalog.system.names.cli
    for name in [*SPIED, cli]:
        spy = tmp_path / name
        spy.write_text(f'#!/bin/sh\necho "{name} $*" >> {log}\n', encoding="utf-8")
        spy.chmod(0o755)
    faults = []
    for block in bash_blocks(site):
        if "drill" not in block.classes or not GUARDED.search(block.text):
            continue
        log.write_text("", encoding="utf-8")
        subprocess.run(
            [shutil.which("bash"), "--norc", "-c", block.text],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        calls = [line for line in log.read_text(encoding="utf-8").splitlines() if line != f"{cli} accounts"]
        acts = [call for call in calls if not call.startswith(("head", "grep", "tail", "sed", "jq", "tr"))]
        if acts:
            faults.append(f"docs/{block.page}: {block.id}: with no variable set it still runs: {acts}")
    say(faults)


def test_the_first_block_of_a_procedure_stops_when_a_variable_is_missing(site: Site, catalog):
    faults = []
    for name, procedure in catalog.procedures.items():
        blocks = [
            block
            for block in site.blocks(procedure.page)
            if block.id and block.id.startswith(f"{name}-") and "drill" in block.classes
        ]
        if not blocks or not procedure.set:
            continue
        head = blocks[0].text.split("\n")[0]
        for variable in procedure.set:
            if f'{variable}="${{{variable}:?set {variable}}}"' not in head:
                faults.append(f"docs/{procedure.page}: {blocks[0].id}: does not check {variable} in its first line")
    say(faults)


def test_every_variable_is_set_before_it_is_used(site: Site, catalog):
    faults = []
    for _name, procedure in catalog.procedures.items():
        known = set(procedure.values)
        steps = {step.id for step in procedure.steps}
        for block in site.blocks(procedure.page):
            if block.id not in steps:
                continue
            for match in re.finditer(
                r"(?:^|[\s{(])([A-Z_]+)=|\bfor ([A-Z_]+) in|read -r ([A-Z_]+)|\$\{([A-Z_]+):\?", block.text, re.M
            ):
                assigned = match[1] or match[2] or match[3]
                if assigned:
                    known.add(assigned)
                elif match[4] not in known:
                    faults.append(
                        f"docs/{procedure.page}: {block.id}: {match[4]} is used before it is set; set it in this "
                        "procedure, or name it under `set`"
                    )
    say(faults)


def test_expected_output_is_never_a_command(site: Site):
    say(
        [
            f"docs/{page}: expected output is `text`, not bash"
            for page in PAGES
            for block in site.blocks(page)
            if "expect" in block.classes and "language-text" not in block.classes
        ]
    )


def test_expected_output_begins_as_the_command_says(site: Site, catalog):
    """Each verb's lines on a page are those of its contract: a page cannot expect what the daemon does not print."""
    faults = []
    for page in PAGES:
        blocks = site.blocks(page)
        for block, after in itertools.pairwise(blocks):
            if (
                "drill" not in block.classes
                or "expect" not in after.classes
                or "|" in block.text
                or "for EACH" in block.text
            ):
                continue
            lines = [line for line in after.text.strip().split("\n") if line.strip("… ")]
            says = [
                pattern
                for verb in re.findall(rf"{re.escape(catalog.system.names.cli)} ([a-z-]+)", block.text)
                for pattern in catalog.system.verbs[verb].says
            ]
            shapes = [re.compile(".*".join(re.escape(part) for part in pattern.split("…"))) for pattern in says]
            for line in lines:
                # Of several accounts each line begins with its account; of one it does not.
                plain = (re.sub("^(…|<account>) ?(?!:)", "", line) if "ACCOUNTS" in block.text else line).replace(
                    "…", "x"
                )
                if (
                    says
                    and not any(shape.fullmatch(plain) for shape in shapes)
                    and not re.match(
                        r"(blue|green|free|patching|exit code|…configuration refused|active$|x?/|guard)",
                        line.replace("…", "x") if line.startswith("…/") else line,
                    )
                ):
                    faults.append(
                        f'docs/{page}: {block.id}: expects "{line}", which none of its commands prints by '
                        f"data/system.yml: {says}"
                    )
    say(faults)


@pytest.mark.skipif(
    shutil.which("shellcheck") is None, reason="shellcheck is not installed; `make test` installs it, and CI has it"
)
def test_shellcheck_finds_nothing(site: Site, tmp_path):
    """The blocks of a procedure in one file, in page order, as they share one shell."""
    scripts: dict[str, list[str]] = {}
    for block in bash_blocks(site):
        scripts.setdefault(f"{block.page.replace('/', '-')}", []).append(f"# {block.id}\n{block.text}")
    for name, parts in scripts.items():
        (tmp_path / f"{name}.sh").write_text("#!/bin/bash\n" + "\n".join(parts), encoding="utf-8")
    # SC2015: a && b || c is meant: c says that something is wrong, whichever of the two failed.
    # SC2034: a block sets what a later one uses. SC2029: the variable is ours, not the other host's.
    done = subprocess.run(
        ["shellcheck", "--exclude=SC2015,SC2029,SC2034", "--format=gcc", *sorted(map(str, tmp_path.glob("*.sh")))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.replace(str(tmp_path) + "/", "")
