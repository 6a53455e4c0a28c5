"""Pages of a real application, asked for by people of two organisations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from platform_people import Gathered

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response

    from greensilk.store.opening import Store
    from greensilk.store.vault import Vault
    from greensilk.workspace.actor import Actor

HTML = {"accept": "text/html"}


@dataclass
class Visitor:
    """One person with a browser."""

    client: TestClient
    csrf: str
    cookies: dict[str, str]

    def get(self, path: str, lang: str = "en") -> Response:
        """A page in a language."""
        return self._ask("GET", path, lang)

    def post(self, path: str, data: dict[str, Any] | None = None, files: Any = None, csrf: bool = True) -> Response:
        """A form sent."""
        given = dict(data or {}) | ({"csrf": self.csrf} if csrf else {})
        return self._ask("POST", path, "en", data=given, files=files)

    def _ask(self, method: str, path: str, lang: str, **content: Any) -> Response:
        cookies = "; ".join(f"{name}={value}" for name, value in (self.cookies | {"lang": lang}).items())
        headers = HTML | {"cookie": cookies}
        return self.client.request(method, path, headers=headers, follow_redirects=False, **content)


@dataclass
class Site:
    """A running application with two organisations."""

    client: TestClient
    store: Store
    vault: Vault
    people: Gathered

    def visitor(self, actor: Actor) -> Visitor:
        """That person, signed in."""
        from greensilk.workspace.signing_in import actor_of_session, enter

        with self.store.writing() as db:
            token = enter(db, actor.user_id)
        with self.store.reading() as db:
            _, csrf = actor_of_session(db, token)
        return Visitor(self.client, csrf, {"greensilk": token})


def words(page: Response) -> str:
    """What a reader sees of a page, roughly."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def sound(page: Response, lang: str = "en") -> None:
    """What every page must be: in one language, with one heading, without a style or script of its own."""
    assert page.status_code == 200, page.text[:400]
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in page.text
    assert page.text.count("<h1") == 1
    assert 'style="' not in page.text and "<style" not in page.text and "onclick" not in page.text
    assert not re.search(r"<script(?! src=)", page.text)
    assert "\u2002/\u2002" not in page.text
    ids = re.findall(r' id="([^"]+)"', page.text)
    assert sorted(ids) == sorted(set(ids)), [one for one in ids if ids.count(one) > 1][:5]
    assert set(re.findall(r'<use href="#([^"]+)"', page.text)) <= set(ids), "a mark or picture that is not on the page"
