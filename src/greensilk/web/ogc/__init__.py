"""OGC API – Features over projects and layers."""
