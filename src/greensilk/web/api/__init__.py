"""The API under /api/v1, one module a room; every answer is an object."""
