"""A page of ours as a PDF, in one language. What it needs and is not here is named, with how to get it."""

from __future__ import annotations

import contextlib
import ctypes
import io
import re
from types import ModuleType
from typing import TYPE_CHECKING

from greensilk.errors import UsageError
from greensilk.texts import LANGUAGES, Language

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

UNUSED = ("script", "input")  # on paper
FONTCONFIG = ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll")
CHINESE_FONTS = "Noto Sans CJK SC, WenQuanYi Micro Hei, Microsoft YaHei, PingFang SC"
FAMILIES = (
    "Inter, Segoe UI, DejaVu Sans, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, WenQuanYi Micro Hei, sans-serif"
)


class _FontSet(ctypes.Structure):
    _fields_ = (("count", ctypes.c_int), ("room", ctypes.c_int), ("fonts", ctypes.c_void_p))


def pdf_bytes(page: str, lang: Language) -> bytes:
    """The page as a PDF. The same page gives the same bytes on the same machine.

    page: a whole HTML page that carries both languages; lang: the one that is set
    raises: UsageError if WeasyPrint, a library that it needs, or a font with Chinese characters is missing
    """
    weasyprint = require_pdf(lang)
    html = weasyprint.HTML(string=page, url_fetcher=_refuse)
    keep_language(html.etree_element, lang)
    written: bytes = html.write_pdf(pdf_identifier=b"greensilk", srgb=True)
    return written


def require_pdf(lang: Language) -> ModuleType:
    """WeasyPrint, if it and all it needs for a language is here.

    raises: UsageError naming what is missing and how to get it
    """
    try:
        # It prints pages of advice where a library is missing; ours is one sentence.
        with contextlib.redirect_stdout(io.StringIO()):
            import weasyprint  # type: ignore[import-untyped, unused-ignore]
    except ImportError as error:
        raise UsageError("country_report.pdf_not_installed") from error
    except OSError as error:
        named = re.search(r"lib(?!rary\b)[\w.+-]+", str(error))
        library = named.group() if named else str(error)[:200]
        raise UsageError("country_report.pdf_library_missing", library=library) from error
    if lang == "zh" and not has_chinese_font():
        raise UsageError("country_report.pdf_font_missing", fonts=CHINESE_FONTS)
    found: ModuleType = weasyprint
    return found


def _refuse(url: str, *_: object, **__: object) -> dict[str, object]:
    """A page of ours holds all it needs: nothing is fetched."""
    raise ValueError(url)


def has_chinese_font() -> bool:
    """Whether any font with simplified Chinese characters is installed; true where fontconfig cannot be asked."""
    for name in FONTCONFIG:
        with contextlib.suppress(OSError):
            return _count_fonts(ctypes.CDLL(name), b":lang=zh-cn") > 0
    return True


def _count_fonts(fontconfig: ctypes.CDLL, pattern: bytes) -> int:
    fontconfig.FcNameParse.restype = fontconfig.FcObjectSetCreate.restype = ctypes.c_void_p
    fontconfig.FcFontList.restype = ctypes.POINTER(_FontSet)
    fontconfig.FcFontList.argtypes = [ctypes.c_void_p] * 3
    fontconfig.FcFontSetDestroy.argtypes = [ctypes.POINTER(_FontSet)]
    parsed, nothing = fontconfig.FcNameParse(pattern), fontconfig.FcObjectSetCreate()
    found = fontconfig.FcFontList(None, parsed, nothing)
    count = int(found.contents.count)
    fontconfig.FcFontSetDestroy(found)
    return count


def keep_language(root: Element, lang: Language) -> None:
    """Take out of a page whatever is said in another language, and what a reader of paper cannot use."""
    root.set("lang", lang)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.get("lang") in set(LANGUAGES) - {lang} or child.tag in UNUSED:
                _drop(parent, child)
        if parent.tag == "{http://www.w3.org/2000/svg}svg":
            # No style sheet reaches into a picture there.
            parent.set("font-family", FAMILIES)


def _drop(parent: Element, child: Element) -> None:
    """Remove an element and keep the text that follows it."""
    position = list(parent).index(child)
    if child.tail:
        if position:
            before = parent[position - 1]
            before.tail = (before.tail or "") + child.tail
        else:
            parent.text = (parent.text or "") + child.tail
    parent.remove(child)
