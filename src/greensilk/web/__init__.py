"""The platform for people and programs: pages, the API, OGC features and tiles. The only room that knows HTTP."""
