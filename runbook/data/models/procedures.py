"""Procedures: what is done, by whom, in what time, in which steps."""

from typing import Annotated, Any, Literal

from pydantic import Field

from runbook.data.models.base import Id, Record, Text, matches


class Lesson(Record):
    """What an incident, a clause or a practice has taught."""

    source: Id
    """Where it comes from; an id of data/sources.yml."""
    says: Text
    """What it means for the step, in one or two sentences."""


class Step(Record):
    """One step. Its words and its command stand on the procedure's page."""

    id: Id
    """Its id; begins with the id of the procedure and a hyphen."""
    title: Text
    """What is done, as an order."""
    by: Id
    """The role that does it."""
    budget: str
    """How long it may take, with reading, pasting and waiting; a threshold in time."""
    each: Literal["account"] | None = None
    """account: the step is done once for each account of the host. Leave it out for once."""
    human: Text | None = None
    """Why no command can do it. Leave it out where a command block stands on the page."""
    why: Lesson | None = None
    """Why the step is there, where something has taught it. Evidence is not bound to it."""


class Goal(Record):
    """What is so at the broker, at the service manager and in the files, whatever a daemon or a command says.

    A release is a variable of the procedure, such as `$OLD`, or `any`.
    """

    writes: Text | None = None
    """The release of the one daemon that writes at the broker, from the host where the procedure is carried out."""
    standby: Text | None = None
    """The release of the one daemon that stands by at the broker; `the writer's` for the one that the writer runs."""
    acts: Literal[True] | None = None
    """A limit that is broken now is answered with an order."""
    halted: bool | None = None
    """Whether the halt flag is set on the host."""
    flat: Literal[True] | None = None
    """No position and no working order at the broker."""
    blocked: bool | None = None
    """Whether the broker takes no order that opens or enlarges a position."""
    locked: Literal[True] | None = None
    """The state on the disk holds a lockout."""
    matches: Literal[True] | None = None
    """Positions, orders and fills in the state on the disk are the broker's."""
    schema_of: Text | None = None
    """The release whose schema the state on the disk is in."""
    backup: Literal["new"] | None = None
    """The latest backup was made during the procedure, opens, and holds what had happened before it."""
    unpacked: Text | None = None
    """The release that is unpacked, each file as its manifest says."""
    retired: Text | None = None
    """The release that no slot of the account is linked to."""
    config: Text | None = None
    """`as before`: the configuration is the one from before the fault; or the variable that holds its digest."""
    key: Literal["new"] | None = None
    """The broker takes the key on the host, and it is another one than before."""
    fault: Literal["over"] | None = None
    """What showed the fault does not show it any more."""

    @property
    def parts(self) -> dict[str, Any]:
        """Every part that is asked for, by name."""
        return {name: wanted for name in Goal.model_fields if (wanted := getattr(self, name)) is not None}


class Procedure(Record):
    """One procedure. The file is named after its id."""

    title: Text
    """Its name on the pages."""
    page: Annotated[str, matches(r"[a-z0-9_/-]+\.md", "a page below docs/")]
    """The page below docs/ that it stands on."""
    kind: Literal["planned", "rollback", "disaster", "override"]
    """What it is for. It decides how often the procedure is drilled, too."""
    use_when: Text
    """When to use it, in the words of the person who has the problem."""
    by: Id
    """The role that runs it."""
    decides: Id
    """The role that decides that it is run."""
    act: Id | None = None
    """What is decided; an id of data/authority.yml, which says who may. Leave it out for work as usual."""
    access: list[Text] = Field(min_length=1)
    """What one needs access to."""
    set: list[str]
    """The shell variables that the reader sets before the first step; may be empty."""
    later: list[str] = Field(default_factory=list)
    """Those whose value a step gives, for example signatures; the block that uses one checks it in its first line."""
    examples: dict[str, Text] = Field(default_factory=dict)
    """Other examples for some of the variables than those of data/system.yml."""
    budget: str
    """How long all of it may take; a threshold in time. The steps add up to less."""
    gap: str | None = None
    """How long positions may be without a guarding daemon; a threshold in time.

    Leave it out when the account stays guarded, or is not guarded by this procedure.
    """
    reach: Goal = Field(default_factory=Goal)
    """What the procedure is for: not so before its first step, so after its last one. Empty when it only looks."""
    keep: Goal = Field(default_factory=Goal)
    """What must be so after the last step, and may have been so all the time."""
    protects: Text
    """What protects open positions meanwhile."""
    staging: Literal["safe", "asks"] | None = None
    """Whether a drill may run it on a real system that is not production.

    `safe`: on a healthy account as it stands, which is left as it was. `asks`: only when it is named, and when a person
    confirms that `use_when` is true there. Leave it out for never, e.g. because it needs two hosts.
    """
    first: list[Text] = Field(min_length=1, max_length=4)
    """What to do first; one to four sentences."""
    steps: list[Step] = Field(min_length=1)
    """The steps, in the order of the page."""
    verify: list[Text] = Field(min_length=1)
    """How to see that it worked."""
    tell: list[Id]
    """The messages that are sent; ids of data/messages.yml."""
    stop_when: list[Text] = Field(min_length=1)
    """When to stop, and what to do instead."""
    record: Text
    """What is written down afterwards, and where."""

    @property
    def values(self) -> list[str]:
        """Every shell variable that the reader sets, in the order in which they are asked for."""
        return [*self.set, *self.later]
