// The ground below the projects: quiet land and water, thin borders, names. Letters are drawn from the fonts of the
// reader's own machine: no server of glyphs is asked.

const LAND = "#F4F2EC";
const WATER = "#DCE7EE";
const BORDER = "#B9B4A8";
const INK = "#5F6B76";
export const FONT = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Segoe UI", "WenQuanYi Micro Hei", "sans-serif"];

export function style(settings) {
  const url = `pmtiles://${location.origin}${settings.base}`;
  const water = { id: "water", type: "background", paint: { "background-color": WATER } };
  if (settings.base_is_pictures) {
    return {
      version: 8,
      sources: { base: { type: "raster", url, tileSize: 256 } },
      layers: [water, { id: "pictures", type: "raster", source: "base" }],
    };
  }
  const names = { type: "geojson", data: new URL(settings.names, location.href).href };
  return { version: 8, sources: { base: { type: "vector", url }, names }, layers: [water, ...GROUND] };
}

const of = (kind) => ({ source: "base", "source-layer": "features", filter: ["==", ["get", "kind"], kind] });
const GROUND = [
  { id: "land", type: "fill", ...of("countries"), paint: { "fill-color": LAND, "fill-antialias": false } },
  { id: "lakes", type: "fill", ...of("lakes"), paint: { "fill-color": WATER } },
  { id: "rivers", type: "line", ...of("rivers"), minzoom: 3, paint: { "line-color": "#B7CBD8", "line-width": 0.8 } },
  { id: "borders", type: "line", ...of("countries"), paint: { "line-color": BORDER, "line-width": 0.8 } },
  {
    id: "places",
    type: "symbol",
    ...of("places"),
    minzoom: 4,
    layout: {
      "text-field": ["get", "name_en"],
      "text-font": FONT,
      "text-size": 11,
      "symbol-sort-key": ["-", 0, ["to-number", ["get", "population"], 0]],
    },
    paint: { "text-color": INK, "text-halo-color": LAND, "text-halo-width": 1 },
  },
  {
    id: "names",
    type: "symbol",
    source: "names",
    maxzoom: 8,
    // A name is written once its country is about as wide as the name.
    filter: [">=", ["*", ["get", "room"], ["^", 2, ["zoom"]]], 10],
    layout: {
      "text-field": ["get", "name"],
      "text-font": FONT,
      "text-size": 12,
      "text-max-width": 7,
      "symbol-sort-key": ["-", 0, ["get", "room"]],
    },
    paint: { "text-color": INK, "text-halo-color": LAND, "text-halo-width": 1.2 },
  },
];
