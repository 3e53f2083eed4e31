"""Which forms are one series so far, and which may still become one.

Here: joining under constraints. Not here: reasons to join.
"""

from collections.abc import Iterable

Slot = tuple[int, str]  # the year and the kind of a form


class Clusters:
    """Sets of forms in which a year and kind occurs once, decided keys agree and a new project has no elder forms."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        self._slots = [{slot} for slot in slots]
        self._parent = list(range(len(self._slots)))
        self._key = [""] * len(self._slots)
        self._since = [0] * len(self._slots)

    def find(self, form: int) -> int:
        while self._parent[form] != form:
            self._parent[form] = form = self._parent[self._parent[form]]
        return form

    def decide(self, form: int, key: str, alone: bool) -> None:
        """People gave `form` this key; `alone`: no other form bears it, so that it begins a new project."""
        self._key[form] = key
        if alone:
            self._since[form] = next(iter(self._slots[form]))[0]

    def key(self, form: int) -> str:
        """The decided key of the form's set, '' if there is none."""
        return self._key[self.find(form)]

    def has(self, form: int, slot: Slot) -> bool:
        """Whether the form's set has a form of this year and kind."""
        return slot in self._slots[self.find(form)]

    def may_join(self, a: int, b: int) -> bool:
        """Whether the sets of two forms may become one by rule."""
        left, right = self.find(a), self.find(b)
        if left == right or not self._slots[left].isdisjoint(self._slots[right]):
            return False
        if self._key[left] and self._key[right] and self._key[left] != self._key[right]:
            return False
        return self._may_begin(left, right) and self._may_begin(right, left)

    def join(self, a: int, b: int) -> None:
        """Make the sets of two forms one, whatever the constraints say."""
        left, right = sorted((self.find(a), self.find(b)))
        if left == right:
            return
        self._parent[right] = left
        self._slots[left] |= self._slots[right]
        self._key[left] = self._key[left] or self._key[right]
        self._since[left] = max(self._since[left], self._since[right])

    def _may_begin(self, root: int, other: int) -> bool:
        """Whether no form of the other set is elder than the project that begins with a form of this one."""
        since = self._since[root]
        return not since or not any(0 < year < since for year, _ in self._slots[other])
