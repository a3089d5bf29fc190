"""A document while it is made."""

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass
class Draft:
    """A document while it is made."""

    id: str
    prompt: str
    options: list[str]
    files: list[str]
    target: Any
    extra: dict[str, Any]
    answer: str
    broken: str
    lettered: list[str] = dataclasses.field(default_factory=list)  # options with a letter each
    keys: list[str] = dataclasses.field(default_factory=list)  # what the record calls its options
    held: list[str] = dataclasses.field(default_factory=list)  # answers of other records
    more: bool = False  # whether answers that are no option can be right
    absent: str = ""  # a file of its reference that is not there, where no other is
