"""A server of greensilk, asked over HTTP in the words of the local API. It imports nothing of the server."""

from greensilk.client.calls import Client
from greensilk.client.screened import Screened

__all__ = ["Client", "Screened"]
