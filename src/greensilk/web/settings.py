"""What a server is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MB = 1_000_000
VAULT = "files"  # folder of the vault within the platform's folder


@dataclass(frozen=True)
class Settings:
    """How one server runs.

    folder: where the embedded database and the vault lie; database_url: of another database, None = by environment;
    demo: whether anybody on this machine may enter the example; https: whether people reach it over TLS (cookies are
    then sent over TLS alone); most_upload_mb: of one file; proxies: addresses whose X-Forwarded-For is believed
    """

    folder: Path
    database_url: str | None = None
    demo: bool = False
    https: bool = False
    most_upload_mb: int = 50
    proxies: tuple[str, ...] = ()

    @property
    def most_upload_bytes(self) -> int:
        """The same in bytes."""
        return self.most_upload_mb * MB

    @property
    def vault_folder(self) -> Path:
        """Where the vault of files lies."""
        return self.folder / VAULT
