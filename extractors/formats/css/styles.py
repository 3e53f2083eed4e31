"""The style sheets of a web page and the cascade: which declarations win at an element, what text they put beside.

Here: <style>, links and style attributes -> what holds at an element. Not here: sheets and selectors (their own
modules), how a text with these declarations looks (looks.py).
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree

from extractors.formats.colours import BLACK
from extractors.formats.css.conditions import on_screen
from extractors.formats.css.looks import Declarations, Look, applied, hides, hinted, may_hide
from extractors.formats.css.properties import PENDING, longhands
from extractors.formats.css.selectors import Selector, Selectors, unescaped
from extractors.formats.css.sheets import Declared, Sheets, declarations
from extractors.formats.css.values import NORMAL_SIZE, OF_PARENT

_TOKENS = re.compile(
    r"\s*(?:\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'|attr\(\s*(?P<attribute>[\w-]+)\s*\)"
    r"|(?P<quote>open-quote|close-quote|no-open-quote|no-close-quote))\s*",
    re.DOTALL,
)
_QUOTES = {"open-quote": "“", "close-quote": "”"}
_USED = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,((?:[^()]|\([^()]*\))*))?\)")
_MOST_RULES = 5000


class _Kept(NamedTuple):
    """A rule for one selector. `order`: its layer, what its selector weighs, its place among all."""

    selector: Selector
    declared: list[Declared]
    order: tuple[int, tuple[int, int, int], int]
    sure: bool


@dataclass(slots=True)
class Styles:
    """The style sheets of a page."""

    selectors: Selectors
    by_key: dict[str, dict[str, list[_Kept]]] = field(default_factory=dict)
    """The rules for elements (""), and for what stands "before" and "after" their text, by the key of the selector."""
    unread: list[str] = field(default_factory=list)
    """Selectors that are not understood, of rules that hide something."""
    attributes: dict[str, list[Declared]] = field(default_factory=dict)
    """The declarations of style attributes, by their text."""
    looks: dict[tuple[object, ...], Look] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    """The addresses of linked style sheets that did not come with the page."""

    @classmethod
    def of(cls, root: etree._Element, sheets: Mapping[str, str], *, old: bool = False) -> Styles:
        """The rules of all <style> elements, and of linked `sheets` (by their address), that hold on a screen.

        `old`: the page is one that browsers show as those of the nineties did (without a doctype).
        """
        read = Sheets(sheets)
        styles = cls(Selectors(fold=old), missing=read.missing)
        count = 0
        for element in root.iter("style", "link"):
            if not on_screen(element.get("media", "")):
                continue
            text = _own_sheet(element) if element.tag == "style" else _linked(element, read)
            for rule in read.rules(text):
                count += 1
                if count <= _MOST_RULES:
                    styles._add(rule.selectors, rule.declared, rule.layer, count, sure=rule.sure)
        return styles

    def _add(self, text: str, declared: list[Declared], layer: int, count: int, *, sure: bool) -> None:
        compiled = self.selectors.compiled(text)
        if compiled is None:
            if any(hides({one.name: one.value for one in declared}, NORMAL_SIZE)):
                self.unread.append(text)
            return
        for selector in compiled:
            if selector.never:
                continue
            kept = _Kept(selector, declared, (layer, selector.weight, count), sure and selector.sure)
            self.by_key.setdefault(selector.side, {}).setdefault(selector.key, []).append(kept)

    def _rules(self, element: etree._Element, side: str) -> Iterator[_Kept]:
        by_key = self.by_key.get(side)
        if not by_key:
            return
        tag = element.tag.lower() if isinstance(element.tag, str) else ""
        classes, identity = element.get("class", ""), element.get("id", "")
        if self.selectors.fold:
            classes, identity = classes.lower(), identity.lower()
        for key in (tag, "*", *{f".{name}" for name in classes.split()}, f"#{identity}"):
            for rule in by_key.get(key, ()):
                if self.selectors.match(rule.selector, element):
                    yield rule

    def declared(self, element: etree._Element, side: str = "") -> tuple[Declarations, list[Declarations]]:
        """The declarations that win at an element or beside its text, and those of which that is not sure."""
        attribute = None if side else element.get("style")
        rules = list(self._rules(element, side))
        if not rules and not attribute:
            return {}, []
        unsure = [{one.name: one.value for one in rule.declared} for rule in rules if not rule.sure]
        rules = sorted((rule for rule in rules if rule.sure), key=lambda rule: rule.order)
        own = self._of_attribute(attribute) if attribute else []
        plain = {one.name: one.value for rule in rules for one in rule.declared if not one.important}
        plain |= {one.name: one.value for one in own if not one.important}
        important: Declarations = {}
        for rule in sorted(rules, key=lambda rule: (-rule.order[0], *rule.order[1:])):
            important |= {one.name: one.value for one in rule.declared if one.important}
        important |= {one.name: one.value for one in own if one.important}
        return plain | important, unsure

    def _applied(self, declared: Declarations, tag: str, around: Look) -> Look:
        """As the function of that name; cells of one style come to their look once."""
        if around.variables:
            return applied(declared, tag, around)
        key = (tuple(declared.items()), tag, around[:-1])
        if key not in self.looks:
            self.looks[key] = applied(declared, tag, around)
        return self.looks[key]

    def _of_attribute(self, text: str) -> list[Declared]:
        if text not in self.attributes:
            self.attributes[text] = declarations(text)
        return self.attributes[text]

    def generated(self, element: etree._Element, side: str, around: Look) -> str | None:
        """The text that the styles put before or after that of an element; None for what is no plain text."""
        if side not in self.by_key:
            return ""
        declared, unsure = self.declared(element, side)
        declared, variables = _filled(declared, around.variables)
        if any("content" in one for one in unsure):
            return None
        content = declared.get("content", "none")
        if content in ("none", "normal", *OF_PARENT):
            return ""
        look = applied(declared, "", around._replace(variables=variables, spread=False))
        if look.covers or look.doubtful:
            return None
        text, at = "", 0
        while found := _TOKENS.match(content, at):
            if found["attribute"]:
                text += element.get(found["attribute"].lower(), "")
            elif found["quote"]:
                text += _QUOTES.get(found["quote"], "")
            else:
                text += unescaped(found["double"] or found["single"] or "")
            at = found.end()
        if look.hidden:
            return ""
        if at < len(content):
            return None
        text = f" {text} " if text and (look.apart or look.block) else text
        return None if look.moved and text.strip() else text

    def look(self, element: etree._Element, around: Look) -> Look:
        """How an element looks inside one that looks like `around`."""
        tag = element.tag.lower().rpartition(":")[2] if isinstance(element.tag, str) else ""
        if tag == "table" and self.selectors.fold:  # without a doctype tables do not take these from around
            around = around._replace(size=NORMAL_SIZE, colour=BLACK)
        declared, unsure = self.declared(element)
        variables = around.variables
        if declared:
            declared, variables = _filled(declared, variables)
        plain = hinted(element, tag, declared, around)._replace(variables=variables)
        look = self._applied(declared, tag, plain) if declared or around.spread else plain
        if look.struck and around.struck and declared.get("display", "").startswith(("inline-", "table-cell")):
            look = look._replace(struck="line-through" in declared.get("text-decoration-line", ""))
        if any(may_hide(_filled(one, variables)[0], look) for one in unsure):
            look = look._replace(doubtful=True)
        return look


def _filled(declared: Declarations, variables: Mapping[str, str]) -> tuple[Declarations, Mapping[str, str]]:
    """The declarations with their variables filled in, and the variables that hold from here on inwards."""
    own = {name: value for name, value in declared.items() if name.startswith("--")}
    if own:
        variables = {**variables, **own}
    if not any("var(" in value for value in declared.values()):
        return declared, variables
    found: Declarations = {}
    for name, value in declared.items():
        if name.startswith("--"):
            continue
        if "var(" not in value:
            found[name] = value
            continue
        shorthand = name
        if value.startswith(PENDING):
            _, shorthand, value = value.split(PENDING, 2)
        filled = _with(value, variables)
        if filled is not None:
            found.update((one, final) for one, final in longhands(shorthand, filled) if one == name)
    return found, variables


def _with(value: str, variables: Mapping[str, str]) -> str | None:
    """A value with its variables; None if one is not given."""
    for _ in range(10):
        found = _USED.search(value)
        if found is None:
            return value
        own = variables.get(found[1])
        if own is None:
            own = found[2]
        if own is None:
            return None
        value = f"{value[: found.start()]}{own.strip()}{value[found.end() :]}"
    return None


def _own_sheet(style: etree._Element) -> str:
    """The style sheet in a page; none of what a page at rest does not take."""
    if _is_asleep(style) or style.get("type", "").strip().lower() not in ("", "text/css"):
        return ""
    return style.text or ""


def _linked(link: etree._Element, sheets: Sheets) -> str:
    """The style sheet that a link names, where it is one that applies; one that is not at hand is missing."""
    kinds = link.get("rel", "").lower().split()
    if _is_asleep(link) or "stylesheet" not in kinds or "alternate" in kinds or link.get("disabled") is not None:
        return ""
    address = link.get("href", "")
    text = sheets.at(address) or _of_data(address)
    if not text:
        sheets.missing.append(address)
    return text


def _is_asleep(element: etree._Element) -> bool:
    """Whether an element stands in what a page at rest does not show."""
    return any(True for _ in element.iterancestors("template", "noscript"))


def _of_data(href: str) -> str:
    """The text of a style sheet that stands in the link itself."""
    if not href.lower().startswith("data:text/css"):
        return ""
    kind, _, text = href.partition(",")
    if not kind.lower().endswith(";base64"):
        return unquote(text)
    try:
        return b64decode(unquote(text)).decode("utf-8", "replace")
    except ValueError:
        return ""
