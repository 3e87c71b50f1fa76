"""What a page may call: the methods that carry `@macro`, and nothing else."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Method = TypeVar("Method", bound=Callable[..., str])
# The attribute in which the decorator leaves the name, until `collect` reads it.
_NAME = "macro_name"


def macro(name: str) -> Callable[[Method], Method]:
    """Makes a method a macro: pages call it by this name, a whole word."""

    def register(method: Method) -> Method:
        setattr(method, _NAME, name)
        return method

    return register


def collect(parts: Iterable[object]) -> dict[str, Callable[..., str]]:
    """The macros of these objects by name, bound and ready to call.

    Raises RuntimeError when two macros have one name.
    """
    macros: dict[str, Callable[..., str]] = {}
    owners: dict[str, str] = {}
    for part in parts:
        owner = type(part)
        for method_name, method in vars(owner).items():
            name = getattr(method, _NAME, None)
            if name is None:
                continue
            if name in macros:
                raise RuntimeError(f"two macros are called {name}: in {owners[name]} and in {owner.__name__}")
            macros[name], owners[name] = getattr(part, method_name), owner.__name__
    return macros
