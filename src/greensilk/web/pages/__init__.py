"""Pages for people, one module a subject, drawn on the server."""
