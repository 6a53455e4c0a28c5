"""Who asks, and what they may do. Roles and what they hold stand in definitions/platform/roles.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from greensilk.errors import NotAllowedError
from greensilk.records import DEFINITIONS, Label, Record, load_file
from greensilk.texts import Language

if TYPE_CHECKING:
    from sqlalchemy import Row

    from greensilk.store.people import User

Permission = Literal["read", "rate", "approve", "administer"]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)


class Named(Record):
    """Something with a name in both languages."""

    label: Label


class Role(Named):
    """A role. may: the permissions it holds"""

    may: tuple[Permission, ...]


class Roles(Record):
    """The file definitions/platform/roles.yaml."""

    permissions: dict[Permission, Named]
    roles: dict[str, Role]


@cache
def roles() -> Roles:
    """All roles and permissions."""
    return load_file(Roles, DEFINITIONS / "platform" / "roles.yaml")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. may: permissions, those of the role or, for a program, those of its token among them; token_id: of the
    token of a program, None for a person"""

    user_id: str
    organisation_id: str
    login: str
    name: str
    role: str
    may: frozenset[Permission]
    lang: Language
    token_id: str | None = None

    def require(self, permission: Permission) -> None:
        """Goes on only if this is allowed.

        raises: NotAllowedError
        """
        if permission not in self.may:
            raise NotAllowedError("workspace.not_allowed", what=roles().permissions[permission].label)

    def require_person(self) -> None:
        """Goes on only for a person: a program must not outlive its token by what it makes.

        raises: NotAllowedError
        """
        if self.token_id is not None:
            raise NotAllowedError("workspace.person_only")


def actor(user: User | Row[*tuple[Any, ...]], scopes: list[str] | None = None, token_id: str | None = None) -> Actor:
    """A person as who asks.

    scopes, token_id: what the token of a program is limited to, None = no token
    """
    allowed = roles().roles[user.role].may
    may = frozenset(allowed) if scopes is None else frozenset(p for p in allowed if p in scopes)
    lang: Language = "zh" if user.lang == "zh" else "en"
    return Actor(user.id, user.organisation_id, user.login, user.name, user.role, may, lang, token_id)
