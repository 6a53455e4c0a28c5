"""Where the platform of this machine lies, for the commands that run it and look after it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greensilk.store.opening import Store
    from greensilk.store.vault import Vault

FOLDER = "platform"  # within the data folder, beside the imported layers
OWNER_ONLY = 0o700


def platform_folder() -> Path:
    """The folder of the embedded database and of the vault, made where it is not there: its owner alone may look in.

    raises: UsageError if a file is in its place; OSError where it cannot be made
    """
    from greensilk.catalogue.settings import data_dir

    folder = data_dir() / FOLDER
    folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    return folder


def open_platform() -> tuple[Store, Vault]:
    """The platform's database, as it is (not upgraded), and its vault.

    raises: StoreError for a bad GREENSILK_DATABASE_URL
    """
    from greensilk.store.opening import open_store
    from greensilk.store.vault import Vault
    from greensilk.web.settings import Settings

    settings = Settings(platform_folder())
    return open_store(settings.folder), Vault(settings.vault_folder)
