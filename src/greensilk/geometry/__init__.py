"""Arrays in, numbers out, measured on the WGS 84 ellipsoid: distances, areas, overlaps, rings, rasters. No files."""
