// Imported layers over the ground, each with a box to switch it on, and below the map the names of who made what is shown.

import { credit } from "./map_credits.js";
import { FONT } from "./map_style.js";

const INK = "#1d252c";
const PATTERN_PX = 12;
const BELOW = "clusters"; // projects lie on top
const NAMED_ZOOM = 7;
// One a layer, in turn: lines either way, dots, waves, a net, bars.
const PATTERNS = ["M0 12L12 0", "M0 0L12 12", "M3 3h1M9 9h1", "M0 6q3 -5 6 0t6 0", "M0 12L12 0M0 0L12 12", "M6 0v12"];

export async function addLayers(map, settings) {
  const answer = await fetch("/tiles/index.json");
  if (!answer.ok) throw new Error(`/tiles/index.json: ${answer.status}`);
  const { layers } = await answer.json();
  const list = document.getElementById("map-choices");
  layers.forEach((layer, number) => list.append(choice(map, layer, number, settings)));
  document.getElementById("no-layers").hidden = layers.length > 0;
}

function choice(map, layer, number, settings) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.dataset.layer = layer.id;
  box.autocomplete = "off"; // a reload begins with the ground alone
  box.addEventListener("change", () => {
    if (box.checked && !map.getSource(layer.id)) draw(map, layer, number);
    for (const id of parts(layer.id)) map.setLayoutProperty(id, "visibility", box.checked ? "visible" : "none");
    credit(layer.id, box.checked ? [layer.attribution] : []);
  });
  const words = document.createElement("span");
  words.textContent = layer.label[settings.lang] + (layer.coarse ? settings.words.coarse : "");
  const swatch = document.createElement("img");
  swatch.src = pattern(number, 3).toDataURL();
  swatch.alt = "";
  swatch.className = "map-swatch";
  const label = document.createElement("label");
  label.append(box, swatch, words);
  const item = document.createElement("li");
  item.append(label);
  return item;
}

const parts = (id) => ["fill", "line", "point", "name"].map((part) => `${id}-${part}`);

function draw(map, layer, number) {
  const image = `pattern-${number % PATTERNS.length}`;
  if (!map.hasImage(image)) {
    const canvas = pattern(number, 1);
    const pen = canvas.getContext("2d");
    map.addImage(image, pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: 2 });
  }
  map.addSource(layer.id, { type: "vector", url: `pmtiles://${location.origin}${layer.url}` });
  const [fill, line, point, name] = parts(layer.id);
  const of = { source: layer.id, "source-layer": layer.source_layer };
  const is = (kind) => ["==", ["geometry-type"], kind];
  const add = (one) => map.addLayer({ ...of, ...one }, BELOW);
  add({ id: fill, type: "fill", filter: is("Polygon"), paint: { "fill-pattern": image, "fill-opacity": 0.7 } });
  add({ id: line, type: "line", filter: ["!", is("Point")], paint: { "line-color": INK, "line-width": 1 } });
  add({
    id: point,
    type: "circle",
    filter: is("Point"),
    paint: { "circle-radius": 4, "circle-color": "#fff", "circle-stroke-color": INK, "circle-stroke-width": 1.5 },
  });
  add({
    id: name,
    type: "symbol",
    minzoom: NAMED_ZOOM,
    layout: { "text-field": ["coalesce", ["get", "name"], ""], "text-font": FONT, "text-size": 11, "text-max-width": 9 },
    paint: { "text-color": INK, "text-halo-color": "#fff", "text-halo-width": 1.2 },
  });
}

function pattern(number, repeats) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PATTERN_PX * 2 * repeats;
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  pen.strokeStyle = INK;
  pen.lineWidth = 0.8;
  const line = new Path2D(PATTERNS[number % PATTERNS.length]);
  for (let x = 0; x < repeats; x += 1) {
    for (let y = 0; y < repeats; y += 1) {
      pen.setTransform(2, 0, 0, 2, x * PATTERN_PX * 2, y * PATTERN_PX * 2);
      pen.stroke(line);
    }
  }
  return canvas;
}
