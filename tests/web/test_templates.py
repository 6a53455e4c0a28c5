"""Templates say nothing of their own: every word that people see is a text in both languages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "src" / "greensilk" / "web" / "templates").glob("*.j2"))
READ_ALOUD = ("alt", "title", "aria-label", "placeholder", "aria-description", "label")
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
# Names and codes that are the same in both languages.
ALIKE = frozenset(("greensilk", "UTC", "kB", "CSV", "EPSG:4326", "GeoJSON", "STAC", "JSON", "API", "English", "中文"))
LOOSE = re.compile(r"\s[a-z-]+=\"[^\"]*\"")  # attributes that a macro puts into the tag around it
WORD = re.compile(r"[A-Za-z一-鿿]{2,}(?::\d+)?")


class Seen(HTMLParser):
    """The words of a page that people see or have read to them."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code"):
            self._inside.append(tag)
        for name, value in attrs:
            if name in READ_ALOUD:
                self._say(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self._say(LOOSE.sub("", data))

    def _say(self, words: str) -> None:
        self.words += [word for word in WORD.findall(words) if word not in ALIKE]


def literal_words(template: str) -> list[str]:
    seen = Seen()
    seen.feed(JINJA.sub("", template))
    return seen.words


def quoted_words(template: str) -> list[str]:
    """Words that an expression prints as they are, such as both sides of an `if`; what functions are given is not."""
    outputs = Environment(autoescape=True).parse(template).find_all(nodes.Output)
    return [word for output in outputs for node in output.nodes for word in _printed(node)]


def _printed(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.Const):
        said = str(node.value)
        return [one for one in WORD.findall(said) if one not in ALIKE and (" " in said or ord(one[0]) > 0x2FFF)]
    if isinstance(node, nodes.CondExpr):
        return _printed(node.expr1) + (_printed(node.expr2) if node.expr2 else [])
    if isinstance(node, nodes.Concat | nodes.Or | nodes.Add):
        return [word for child in node.iter_child_nodes() for word in _printed(child)]
    return []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_contain_no_visible_untranslated_text(path: Path) -> None:
    template = path.read_text("utf-8")
    assert literal_words(template) == []
    assert quoted_words(template) == []


def test_words_that_are_not_translated_are_found() -> None:
    assert literal_words('<p>Sign in</p><img alt="Logo of us">{{ t("a.b") }}') == ["Sign", "in", "Logo", "of", "us"]
    assert literal_words('<input placeholder="项目名称">') == ["项目名称"]
    assert quoted_words('{{ "not known" if x else t("a.b") }}') == ["not", "known"]
    assert literal_words("{% if page == 'Some thing' %}{# a remark #}<p>{{ name }}</p>{% endif %}") == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_style_and_no_script(path: Path) -> None:
    template = path.read_text("utf-8")
    assert not re.search(
        r"<style|\sstyle=|\son[a-z]+=\"|javascript:|hx-on|<script(?! (src|type=\"(module|application/json)\"))",
        template,
    )
    assert "|safe" not in template
