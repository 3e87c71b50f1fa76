"""A command block is written as plain shell; the reader gets it guarded, in the firm's words, or the build stops."""

import re
from dataclasses import replace

import pytest

from runbook.site.shell_blocks import plain_to_reader
from runbook.site.shell_blocks.fences import fences
from runbook.site.shell_blocks.vocabulary import page_vocabulary
from tests.conftest import PAGES, source

A, S, N = "${ACCOUNT:?set ACCOUNT}", "${SLOT:?set SLOT}", "${NEW:?set NEW}"


def block(body: str, head: str = ".bash .undrilled") -> str:
    return f"# Title\n\n``` {{ {head} }}\n{body}\n```\n"


def reader(body: str, catalog) -> str:
    text, faults = plain_to_reader(block(body), "page.md", catalog)
    assert not faults, "\n".join(map(str, faults))
    text = text.replace("{% raw %}", "").replace("{% endraw %}", "")
    return text.split("\n", 3)[3].rsplit("\n```", 1)[0]


@pytest.mark.parametrize(
    "plain, wanted",
    [
        pytest.param("traderctl smoke $ACCOUNT", f'traderctl smoke "{A}"', id="a variable is quoted and guarded"),
        pytest.param("traderctl smoke ${ACCOUNT}", f'traderctl smoke "{A}"', id="with brackets"),
        pytest.param("traderctl wait $ACCOUNT:$SLOT active", f'traderctl wait "{A}:{S}" active', id="two in a word"),
        pytest.param(
            'echo "on $SLOT"; traderctl accounts', f'echo "on {S}"; traderctl accounts', id="in double quotes"
        ),
        pytest.param("echo '$SLOT {print $1}'", "echo '$SLOT {print $1}'", id="single quotes are left alone"),
        pytest.param(
            'SLOT="$(traderctl slot $ACCOUNT active)"', f'SLOT="$(traderctl slot "{A}" active)"', id="in a substitution"
        ),
        pytest.param(
            'test "$(readlink "/opt/traderd/releases/$NEW")" = x',
            f'test "$(readlink "/opt/traderd/releases/{N}")" = x',
            id="quotes inside a substitution inside quotes",
        ),
        pytest.param("BAD_SLOT=$SLOT", f'BAD_SLOT="{S}"', id="an assignment keeps its name outside the quotes"),
        pytest.param(
            "systemd-run --unit=traderd-guard-$ACCOUNT traderctl accounts",
            f'systemd-run --unit="traderd-guard-{A}" traderctl accounts',
            id="an option keeps its name outside the quotes",
        ),
        pytest.param(
            "for EACH in $ACCOUNTS; do traderctl smoke $EACH; done",
            'for EACH in ${ACCOUNTS:?set ACCOUNTS}; do traderctl smoke "${EACH:?}"; done',
            id="a list is split, its loop variable guarded",
        ),
        pytest.param('echo "${#a[@]} $?"', 'echo "${#a[@]} $?"', id="other expansions are left alone"),
        pytest.param(
            "git restore --source=$EDITION",
            'git restore --source="${EDITION:?set EDITION}"',
            id="an editor's own variable",
        ),
        pytest.param(
            ": ${ACCOUNT:?} ${NEW:?} &&\ntrue",
            f'ACCOUNT="{A}" NEW="{N}" &&\ntrue',
            id="the first line asks for the variables",
        ),
        pytest.param(
            "systemctl stop traderd@$ACCOUNT:$SLOT.service", f'systemctl stop "traderd@{A}:{S}.service"', id="a unit"
        ),
        pytest.param(
            'systemctl stop "traderd@$ACCOUNT:*.service"', f'systemctl stop "traderd@{A}:*.service"', id="both slots"
        ),
        pytest.param("find /var/log -size +{log.size in MB}M", None, id="a number of a threshold"),
        pytest.param("TZ={exchange zone} date", None, id="a value of the rollout"),
        pytest.param("echo {{.State}}", "echo {{.State}}", id="another program's brackets"),
    ],
)
def test_plain_shell_becomes_the_readers_form(catalog, plain, wanted):
    given = reader(plain, catalog)
    if wanted is None:
        assert "{" not in given and "  " not in given
    else:
        assert given == wanted


@pytest.mark.parametrize(
    "plain, at, message",
    [
        pytest.param("traderctl handovr $ACCOUNT", "4:11",
                     'no verb "handovr" of traderctl; did you mean "handover"?', id="verb"),
        pytest.param("traderctl smoke $ACOUNT", "4:17", "$ACOUNT is not under `variables` in data/system.yml; "
                     'did you mean "ACCOUNT"?', id="variable"),
        pytest.param("true &&\n  traderctl handover $ACCOUNT --too $SLOT", "5:31", 'handover has no flag "--too"; '
                     'did you mean "--to"?; it is called: handover ACCOUNT... --to SLOT|RELEASE', id="flag"),
        pytest.param("traderctl handover $ACCOUNT", "4:11", "handover without --to; it is called: "
                     "handover ACCOUNT... --to SLOT|RELEASE", id="flag left out"),
        pytest.param("traderctl smoke", "4:11",
                     "smoke with 0 of 1 arguments; it is called: smoke ACCOUNT...", id="argument"),
        pytest.param("traderctl handover $ACCOUNT --to $HOST", "4:34", "$HOST where SLOT or RELEASE is wanted: one of "
                     "$SLOT, $FREE_SLOT, $EACH, $NEW, $OLD, $BAD, $RELEASE", id="a host for a slot"),
        pytest.param("traderctl wait $ACCOUNT:$NEW active", "4:16", "$NEW where SLOT is wanted: "
                     "one of $SLOT, $FREE_SLOT, $EACH", id="a release for a slot"),
        pytest.param("traderctl smoke $ACCOUNT $NEW", "4:26", "$NEW where ACCOUNT or ACCOUNTS is wanted: "
                     "one of $ACCOUNT, $EACH, $ACCOUNTS", id="a release among accounts"),
        pytest.param("traderctl wait $ACCOUNT:$SLOT 'active|haltd'", "4:31", 'no state "haltd"; did you mean "halted"?',
                     id="state"),
        pytest.param("head /var/lib/traderd/$ACCOUNT.db; traderctl accounts", "4:6",
                     "the path /var/lib/traderd/$ACCOUNT.db "
                     'is not in page_vocabulary.yml; did you mean "/var/lib/traderd/$ACCOUNT"?', id="path"),
        pytest.param("ls-all; traderctl accounts", "4:1",
                     "the command ls-all is not in page_vocabulary.yml", id="command"),
        pytest.param("systemctl stop traderd@$SLOT.service", "4:16", "the unit traderd@$SLOT.service is not in "
                     'page_vocabulary.yml; did you mean "traderd@$ACCOUNT:$SLOT.service"?', id="unit"),
        pytest.param("systemctl stop traderd-gaurd-$ACCOUNT", "4:16", "the unit traderd-gaurd-$ACCOUNT is not in "
                     'page_vocabulary.yml; did you mean "traderd-guard-$ACCOUNT"?', id="unit of the guard"),
        pytest.param("sleep {heartbeat.intervalx in s}", "4:7", 'no threshold "heartbeat.intervalx"; '
                     'did you mean "heartbeat.interval"?', id="threshold"),
        pytest.param("echo {host of staging}", "4:6", "{host of staging} is no value of data/", id="value"),
        pytest.param('echo "never', "4:6", "a quote that never ends", id="quote"),
        pytest.param("echo `date`", "4:6", "a backtick; write $(…)", id="backtick"),
        pytest.param("systemctl stop traderd@$ACCOUNT:*.service", "4:33", '"*" in one word with a variable and without '
                     "quotes; quote the word, or only the part with the variable where the shell is to find files",
                     id="a pattern that the quotes would switch off"),
        pytest.param('echo {{ v("X") }}', "4:6", "a macro in a command block; write plain shell, "
                     "see docs/contributing.md", id="macro"),
    ],
)  # fmt: skip
def test_a_fault_names_line_column_and_the_nearest_name(catalog, plain, at, message):
    _, faults = plain_to_reader(block(plain), "page.md", catalog)
    assert f"docs/page.md:{at}: {message}" in "\n".join(map(str, faults))


def test_a_kind_of_text_in_an_expected_output_is_one_of_the_data(catalog):
    text = "# Page\n\n``` { .text .expect }\n<count> of <count>, <releese>, <duration, at most {gap.handover}>\n```\n"
    _, faults = plain_to_reader(text, "page.md", catalog)
    assert [str(fault) for fault in faults] == [
        "docs/page.md:4:21: <releese> is neither under `placeholders` nor `variables` in data/system.yml; "
        'did you mean "release"?'
    ]


def test_every_fault_of_a_page_is_reported_at_once(catalog):
    text = block("traderctl smok $ACCOUNT") + block("traderctl smoke $ACOUNT &&\nhead /opt/nowhere")
    assert [fault.line for fault in plain_to_reader(text, "page.md", catalog)[1]] == [4, 9, 10]


def test_a_variable_is_set_before_it_is_used(catalog):
    procedure = next(it for it in catalog.procedures.values() if it.set == ["ACCOUNT"] and len(it.steps) > 1)
    step = procedure.steps[0].id
    _, faults = plain_to_reader(
        block(": ${ACCOUNT:?} &&\ntraderctl wait $ACCOUNT:$SLOT active &&\nSLOT=x", f".bash .drill #{step}"),
        procedure.page,
        catalog,
    )
    assert [(fault.line, fault.column) for fault in faults] == [(5, 25)]
    assert "$SLOT is used before it is set" in faults[0].text


def test_the_first_block_of_a_procedure_asks_for_its_variables(catalog):
    procedure = next(it for it in catalog.procedures.values() if it.set == ["ACCOUNT"])
    _, faults = plain_to_reader(
        block("traderctl smoke $ACCOUNT", f".bash .drill #{procedure.steps[0].id}"), procedure.page, catalog
    )
    assert len(faults) == 1 and 'does not begin with ": ${ACCOUNT:?} &&"' in faults[0].text


@pytest.mark.parametrize("page", PAGES)
def test_no_guard_is_lost_and_no_line_moves(page, catalog):
    """Each `$NAME` of a plain block has its guard in the reader's form, on the same line."""
    text, faults = plain_to_reader(source(page), page, catalog)
    assert not faults
    before, after = source(page).splitlines(), text.splitlines()
    assert len(before) == len(after)
    shown = {at for it in fences(before) if "expect" in it.classes for at in range(it.opens, it.closes)}
    for at, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new or "raw %}" in new or at in shown:
            continue
        names = re.findall(r"\$\{?([A-Z_]+)", old)
        guards = re.findall(r"\$\{([A-Z_]+):\?", new)
        assert guards == names, f"docs/{page}: {old} became {new}"


def test_another_firm_reads_its_own_names_and_paths(catalog):
    system = catalog.system.model_dump(by_alias=True)
    system["names"] = {"cli": "riskctl", "daemon": "riskd", "unit": "riskd@{account}:{slot}.service"}
    system["names"]["guard_unit"] = "rg-{account}"
    system["paths"]["release"]["path"] = "/opt/risk/rel/{release}"
    system["paths"]["state_dir"]["path"] = "/data/{account}/risk"
    theirs = replace(catalog, system=type(catalog.system).model_validate(system))
    body = (
        "df /var/lib/traderd/$ACCOUNT /opt/traderd/releases/$NEW && traderctl smoke $ACCOUNT &&\n"
        'systemctl stop traderd-guard-$ACCOUNT traderd@$ACCOUNT:$SLOT.service "traderd@*.service" && echo "traderd"'
    )
    assert reader(body, theirs) == (
        f'df "/data/{A}/risk" "/opt/risk/rel/{N}" && riskctl smoke "{A}" &&\n'
        f'systemctl stop "rg-{A}" "riskd@{A}:{S}.service" "riskd@*.service" && echo "riskd"'
    )


def test_the_vocabulary_names_only_what_the_data_has(catalog):
    vocabulary = page_vocabulary()
    assert set(vocabulary.names) == set(type(catalog.system.names).model_fields)
    assert set(vocabulary.paths) == set(catalog.system.paths)
    declared = set(catalog.system.variables)
    assert {name for names in vocabulary.roles.values() for name in names} <= declared


def test_an_example_of_a_page_keeps_its_macros(catalog):
    text = '```` { .markdown }\n{{ step("x") }}\n\n``` { .bash }\ntraderctl smok $A\n```\n````\n'
    given, faults = plain_to_reader(text, "page.md", catalog)
    assert not faults and given.replace("{% raw %}", "").replace("{% endraw %}", "") == text
