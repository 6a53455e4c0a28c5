// The map page: ground, projects, layers, and a place to be rated. Everything comes from this server.

import { credit } from "./map_credits.js";
import { FOOTPRINTS, addFootprints } from "./map_footprints.js";
import { addGrids } from "./map_grids.js";
import { addLayers } from "./map_layers.js";
import { addMarks } from "./map_marks.js";
import { LAYERS, addProjects } from "./map_projects.js";
import { style } from "./map_style.js";

const DECIMALS = 5; // of degrees: about a metre

const box = document.getElementById("map");
const settings = JSON.parse(box.dataset.settings);
const said = document.getElementById("map-said");

function say(words, values = {}) {
  said.textContent = words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// Told to who cannot see that the map is still being drawn.
function busy(is) {
  box.setAttribute("aria-busy", String(is));
}

async function start() {
  busy(true);
  const maplibre = await import(settings.scripts.maplibre);
  maplibre.setWorkerUrl(new URL(settings.scripts.worker, location.href).href);
  maplibre.addProtocol("pmtiles", new window.pmtiles.Protocol().tile);
  const map = new maplibre.Map({
    container: box,
    style: style(settings),
    center: [80, 20],
    zoom: 1,
    maxZoom: 16,
    attributionControl: false, // those of the layers shown stand below the map, as text
    locale: settings.controls,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }));
  map.addControl(new maplibre.ScaleControl({ unit: "metric" }));
  choosePlace(map, maplibre); // at once: nobody's click is lost while marks and layers are still on their way
  await map.once("load");
  addMarks(map, settings.severity);
  credit("base", settings.credits);
  await addLayers(map, settings);
  const found = await addProjects(map, maplibre, settings);
  await addGrids(map, settings);
  addFootprints(map, settings, new Set(found.features.map((one) => one.properties.id)));
  say(found.more ? settings.words.too_many : settings.words.drawn, { count: found.features.length });
  map.on("render", () => busy(true));
  map.on("idle", () => {
    legend(map);
    busy(false);
  });
  switchProjects(map);
}

// Only what is drawn has a line in the legend.
function legend(map) {
  const drawn = map.queryRenderedFeatures({ layers: LAYERS });
  const marks = new Set(drawn.map((one) => (one.properties.cluster_id === undefined ? one.properties.mark : "cluster")));
  for (const one of drawn) {
    if (one.properties.cluster_id !== undefined) marks.add(settings.severity.find((mark) => one.properties[mark] > 0));
  }
  for (const line of document.querySelectorAll("#map-legend [data-mark]")) line.hidden = !marks.has(line.dataset.mark);
}

function switchProjects(map) {
  const choice = document.querySelector("[data-shows=projects]");
  const apply = () => {
    for (const id of [...LAYERS, ...FOOTPRINTS]) map.setLayoutProperty(id, "visibility", choice.checked ? "visible" : "none");
  };
  choice.addEventListener("change", apply);
  apply(); // a browser that goes back keeps what was chosen
}

// A click beside every project, or the middle of the map for who works by keyboard, fills in the form.
function choosePlace(map, maplibre) {
  const form = document.getElementById("rate-form");
  if (!form) return;
  const marker = new maplibre.Marker({ color: "#0B5CAD" });
  marker.getElement().setAttribute("aria-label", settings.words.chosen_place);
  const mark = () => {
    const [lon, lat] = [form.lon, form.lat].map((one) => (one.value.trim() === "" ? NaN : Number(one.value)));
    if (Math.abs(lon) <= 180 && Math.abs(lat) <= 90) marker.setLngLat([lon, lat]).addTo(map);
    else marker.remove();
  };
  const take = (place) => {
    const at = place.wrap();
    form.lon.value = at.lng.toFixed(DECIMALS);
    form.lat.value = at.lat.toFixed(DECIMALS);
    mark();
  };
  map.on("click", (event) => {
    const layers = LAYERS.filter((id) => map.getLayer(id));
    if (!layers.length || !map.queryRenderedFeatures(event.point, { layers }).length) take(event.lngLat);
  });
  const middle = document.getElementById("take-middle");
  middle.hidden = false;
  middle.addEventListener("click", () => take(map.getCenter()));
  for (const field of [form.lon, form.lat]) field.addEventListener("input", mark);
  mark();
}

start().catch((error) => {
  say(settings.words.not_drawn);
  busy(false);
  console.error(error);
});
