"""YAML that remembers its lines: entries to read from, and the faults found on the way."""

from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

import yaml

_TEXT = "tag:yaml.org,2002:str"
_YES_NO = "tag:yaml.org,2002:bool"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: where, and how."""

    file: str
    line: int
    entry: str
    message: str

    def __str__(self) -> str:
        """The fault in one line, as compilers write them."""
        place = f"{self.file}:{self.line}: "
        return place + (f"{self.entry}: {self.message}" if self.entry else self.message)


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults of one file, gathered while it is read."""

    file: str
    found: list[Fault] = field(default_factory=list)

    def add(self, line: int, entry: str, message: str) -> None:
        """Note one more."""
        self.found.append(Fault(self.file, line, entry, message))


def near_match(text: str, known: Collection[str]) -> str:
    """A question naming the known text that comes nearest; empty when none is near.

    >>> near_match("homepag", ["homepage", "name"]), near_match("x", ["homepage"])
    ('did you mean "homepage"?', '')
    """
    near = get_close_matches(text, list(known), n=1)
    return f'did you mean "{near[0]}"?' if near else ""


class Entry:
    """A node of the file with its path; what it lacks or has wrong becomes a fault, not an error.

    Reading a faulty value gives an empty one, so that the rest is read as well.
    """

    def __init__(
        self, node: yaml.Node | None, faults: Faults, keys: tuple[str, ...] = (), line: int = 1
    ) -> None:
        """Look at a node.

        Args:
            node: the value; None for an empty file.
            faults: where to note what is wrong.
            keys: the keys that lead here.
            line: where its key stands, from 1; a block's value starts a line below.
        """
        self.key = keys[-1] if keys else ""
        self.line = line
        self._node = node
        self._faults = faults
        self._keys = keys

    def fault(self, message: str) -> None:
        """Note that this entry is wrong."""
        self._faults.add(self.line, self._path, message)

    def expect_keys(self, known: Collection[str]) -> None:
        """Note what is no mapping, and each key that is not known."""
        if not self._is_mapping():
            self.fault(f"expected keys and values: {', '.join(sorted(known))}")
        for key, member in self._members.items():
            if key not in known:
                hint = near_match(key, known) or f"known are {', '.join(sorted(known))}"
                self._faults.add(member.line, self._path, f'unknown key "{key}"; {hint}')

    def child(self, key: str) -> "Entry | None":
        """The value of a key."""
        return self._members.get(key)

    def entries(self, key: str) -> "list[Entry]":
        """The members of a key's mapping, in the file's order; none when it is not there."""
        child = self.child(key)
        return child.own_entries() if child else []

    def text(self, key: str) -> str:
        """The text of a key; empty when it is not there."""
        child = self.child(key)
        return child.own_text() if child else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a key's list; none when it is not there."""
        child = self.child(key)
        return child.own_texts() if child else ()

    def flag(self, key: str) -> bool:
        """Whether a key says true; False when it is not there."""
        child = self.child(key)
        return child is not None and child.own_flag()

    def own_flag(self) -> bool:
        """This entry's value as true or false."""
        if not isinstance(self._node, yaml.ScalarNode) or self._node.tag != _YES_NO:
            self.fault("expected true or false")
            return False
        return str(self._node.value).lower() in {"true", "yes", "on"}

    def own_entries(self) -> "list[Entry]":
        """This entry's members."""
        if not self._is_mapping():
            self.fault("expected one `key: value` a line")
        return list(self._members.values())

    def own_text(self) -> str:
        """This entry's value as a text."""
        if not isinstance(self._node, yaml.ScalarNode) or self._node.tag != _TEXT:
            self.fault("expected a text; quote it if it looks like a number, date or yes/no")
            return ""
        if not self._node.value.strip():
            self.fault("is empty; write something or leave the key out")
        return str(self._node.value)

    def own_texts(self) -> tuple[str, ...]:
        """This entry's value as a list of texts."""
        if not isinstance(self._node, yaml.SequenceNode):
            self.fault("expected a list: [one, two]")
            return ()
        return tuple(
            Entry(item, self._faults, self._keys, item.start_mark.line + 1).own_text()
            for item in self._node.value
        )

    @property
    def _path(self) -> str:
        return ".".join(self._keys)

    def _pairs(self) -> list[tuple[yaml.Node, yaml.Node]]:
        return self._node.value if isinstance(self._node, yaml.MappingNode) else []

    def _is_mapping(self) -> bool:
        return isinstance(self._node, yaml.MappingNode)

    @cached_property
    def _members(self) -> "dict[str, Entry]":
        """Read when asked for: by anchors, a node may hold itself."""
        members: dict[str, Entry] = {}
        for key, value in self._pairs():
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            line = key.start_mark.line + 1
            if not name or name in members:
                self._faults.add(line, self._path, f'key "{name}" is empty or there twice')
            members[name] = Entry(value, self._faults, (*self._keys, name), line)
        return members
