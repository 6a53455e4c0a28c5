"""Data sets: what is shipped, what its user imports, under which licence, and safe readers for people's files.

Public: bundle.bundle_features, bundle_table, bundle_raster, countries, verify_bundle; layer_import.import_layer;
layers.installed_layers, open_layer, remove_layer; readers.read_table. Nothing here fetches anything from a network.
"""

from greensilk.catalogue.bundle import bundle_index, verify_bundle
from greensilk.catalogue.layer_import import import_layer
from greensilk.catalogue.layer_records import LayerInfo, SensitiveLayer, sensitive_layers
from greensilk.catalogue.layers import Layer, installed_layers, layer_states, open_layer, remove_layer, verify_layer

__all__ = [
    "Layer",
    "LayerInfo",
    "SensitiveLayer",
    "bundle_index",
    "import_layer",
    "installed_layers",
    "layer_states",
    "open_layer",
    "remove_layer",
    "sensitive_layers",
    "verify_bundle",
    "verify_layer",
]
