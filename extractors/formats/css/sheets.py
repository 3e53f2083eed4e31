"""Style sheets and style attributes: their text to rules, each with its declarations of what is seen.

Here: nesting, imports, layers. Not here: the grammar of CSS (tinycss2), conditions and properties (their own modules),
which rule is for which element (selectors.py), which declaration wins (styles.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import tinycss2
from tinycss2.ast import AtRule, Node

from extractors.formats.css.conditions import on_screen, supported, word_of
from extractors.formats.css.properties import longhands
from extractors.formats.css.selectors import split

UNLAYERED = 1_000_000


class Declared(NamedTuple):
    """One declaration of a property that decides what is seen."""

    name: str
    value: str
    important: bool


@dataclass(slots=True)
class Rule:
    """Selectors with their declarations. `layer`: its place among the layers; `sure`: its conditions are understood."""

    selectors: str
    declared: list[Declared]
    layer: int = UNLAYERED
    sure: bool = True


@dataclass(slots=True)
class Sheets:
    """The sheets of a page in their order: reads one after the other and remembers the order of layers.

    `given`: the sheets that came with the page, by address; `missing`: the addresses of those that are asked for and
    did not.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    layers: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    """The addresses of the sheets that are being read, the outermost first."""

    def rules(self, text: str) -> Iterator[Rule]:
        """The rules of a sheet that hold on a screen."""
        yield from self._sheet(text, "")

    def at(self, address: str) -> str | None:
        """The sheet of an address; its end counts, as saved pages have it in full."""
        address = address.partition("#")[0]
        named = (text for other, text in self.given.items() if other == address or other.endswith(f"/{address}"))
        return next(named, None) if address else None

    def _sheet(self, text: str, layer: str) -> Iterator[Rule]:
        nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
        yield from self._rules(nodes, "", layer, sure=True)

    def _rules(self, nodes: list[Node], parent: str, layer: str, *, sure: bool) -> Iterator[Rule]:
        for are_declarations, group in groupby(nodes, lambda node: node.type == "declaration"):
            if not are_declarations:
                for node in group:
                    yield from self._rule(node, parent, layer, sure=sure)
            elif parent and (declared := _declared(group)):
                yield Rule(parent, declared, self.layers.index(layer) if layer else UNLAYERED, sure)

    def _rule(self, node: Node, parent: str, layer: str, *, sure: bool) -> Iterator[Rule]:
        if node.type == "qualified-rule":
            own = tinycss2.serialize(node.prelude)
            yield from self._rules(_contents(node.content), _nested(parent, own) if parent else own, layer, sure=sure)
        elif node.type == "at-rule" and node.content is not None:
            yield from self._conditional(node, parent, layer, sure=sure)
        elif node.type == "at-rule" and node.lower_at_keyword == "layer":
            for name in split(tinycss2.serialize(node.prelude)):
                self._layer(layer, name.strip())
        elif node.type == "at-rule" and node.lower_at_keyword == "import":
            yield from self._imported(node, layer)

    def _imported(self, node: AtRule, layer: str) -> Iterator[Rule]:
        tokens = [token for token in node.prelude if token.type != "whitespace"]
        named = next((token for token in tokens[:1] if token.type in ("string", "url")), None)
        if named is None:  # url("...")
            named = next((one for token in tokens[:1] for one in getattr(token, "arguments", ())), None)
        address, rest = getattr(named, "value", ""), tokens[1:]
        if rest and "layer" in (word_of(rest[0]), getattr(rest[0], "lower_name", "")):
            layer = self._layer(layer, tinycss2.serialize(getattr(rest[0], "arguments", ())).strip())
            rest = rest[1:]
        if not address or address in self._open or not on_screen(rest):
            return
        text = self.at(address)
        if text is None:
            self.missing.append(address)
            return
        self._open.append(address)
        yield from self._sheet(text, layer)
        self._open.pop()

    def _conditional(self, node: AtRule, parent: str, layer: str, *, sure: bool) -> Iterator[Rule]:
        name = node.lower_at_keyword
        if name == "layer":
            layer = self._layer(layer, tinycss2.serialize(node.prelude).strip())
        elif name in ("container", "scope", "-moz-document", "document"):
            sure = False
        elif not (name == "media" and on_screen(node.prelude)) and not (name == "supports" and supported(node.prelude)):
            return
        inside = _contents(node.content) if parent else tinycss2.parse_rule_list(node.content, skip_whitespace=True)
        yield from self._rules(inside, parent, layer, sure=sure)

    def _layer(self, around: str, name: str) -> str:
        full = f"{around}.{name}" if around else name or f"\0{len(self.layers)}"
        if full not in self.layers:
            self.layers.append(full)
        return full


def _contents(block: str | list[Node]) -> list[Node]:
    """The declarations and rules in a block."""
    return tinycss2.parse_blocks_contents(block, skip_comments=True, skip_whitespace=True)


def _nested(parent: str, inner: str) -> str:
    found = []
    around = f":is({parent})"
    for one in split(inner):
        one = one.strip()
        found.append(one.replace("&", around) if "&" in one else f"{around} {one}")
    return ",".join(found)


def declarations(text: str) -> list[Declared]:
    """The declarations of a style attribute that decide what is seen, shorthands apart, as a browser takes them."""
    return _declared(_contents(text))


def _declared(nodes: Iterable[Node]) -> list[Declared]:
    return [
        Declared(longhand, own, node.important)
        for node in nodes
        if node.type == "declaration"
        for longhand, own in longhands(
            node.name if node.name.startswith("--") else node.lower_name, tinycss2.serialize(node.value).strip()
        )
    ]
