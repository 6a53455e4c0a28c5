// Projects on the map: a mark each, near ones together with the worst light among them.

import { FONT } from "./map_style.js";

const NEAR_PX = 36;
const APART_ZOOM = 12; // from here on every project stands for itself
const MOST_NAMED = 20; // in one popup
export const LAYERS = ["clusters", "cluster-marks", "projects"];

export async function addProjects(map, maplibre, settings) {
  const answer = await fetch(settings.projects);
  if (!answer.ok) throw new Error(`${settings.projects}: ${answer.status}`);
  const found = await answer.json();
  const count = (mark) => ["+", ["case", ["==", ["get", "mark"], mark], 1, 0]];
  map.addSource("projects", {
    type: "geojson",
    data: found,
    cluster: true,
    clusterRadius: NEAR_PX,
    clusterMaxZoom: APART_ZOOM,
    clusterProperties: Object.fromEntries(settings.severity.map((mark) => [mark, count(mark)])),
  });
  layers(settings.severity).forEach((layer) => map.addLayer(layer));
  show(map, found.features);
  listen(map, maplibre, settings);
  return found;
}

function layers(severity) {
  const first = (value) => ["case", ...severity.flatMap((mark) => [[">", ["get", mark], 0], value(mark)]), ""];
  const rank = ["match", ["get", "mark"], ...severity.flatMap((mark, i) => [mark, severity.length - i]), 0];
  const together = { source: "projects", filter: ["has", "point_count"] };
  return [
    {
      id: "clusters",
      type: "circle",
      ...together,
      paint: { "circle-color": "#fff", "circle-radius": 20, "circle-stroke-color": "#1d252c", "circle-stroke-width": 1 },
    },
    {
      id: "cluster-marks",
      type: "symbol",
      ...together,
      layout: {
        "icon-image": first((mark) => mark),
        "icon-size": 0.8,
        "icon-offset": [0, -10],
        "icon-allow-overlap": true,
        "text-field": ["concat", ["to-string", first((mark) => ["get", mark])], "/", ["get", "point_count_abbreviated"]],
        "text-font": FONT,
        "text-size": 11,
        "text-offset": [0, 0.65],
        "text-allow-overlap": true,
      },
      paint: { "text-color": "#1d252c" },
    },
    {
      id: "projects",
      type: "symbol",
      source: "projects",
      filter: ["!", ["has", "point_count"]],
      layout: { "icon-image": ["get", "mark"], "icon-allow-overlap": true, "symbol-sort-key": rank },
    },
  ];
}

// The part of the world that holds them; all of it where they lie around it.
function show(map, features) {
  if (!features.length) return;
  const lons = features.map((one) => one.geometry.coordinates[0]);
  const lats = features.map((one) => one.geometry.coordinates[1]);
  const [west, east] = [lons.reduce((a, b) => Math.min(a, b)), lons.reduce((a, b) => Math.max(a, b))];
  const [south, north] = [lats.reduce((a, b) => Math.min(a, b)), lats.reduce((a, b) => Math.max(a, b))];
  map.fitBounds([[west, Math.max(south, -75)], [east, Math.min(north, 80)]], { padding: 48, maxZoom: 8, duration: 0 });
}

function listen(map, maplibre, settings) {
  for (const layer of LAYERS) {
    map.on("mouseenter", layer, () => map.getCanvas().classList.add("over-project"));
    map.on("mouseleave", layer, () => map.getCanvas().classList.remove("over-project"));
  }
  map.on("click", async (event) => {
    const hit = map.queryRenderedFeatures(event.point, { layers: LAYERS.filter((id) => map.getLayer(id)) });
    if (!hit.length) return;
    const at = hit[0].geometry.coordinates;
    const cluster = hit.find((one) => one.properties.cluster_id !== undefined);
    if (!cluster) {
      popup(map, maplibre, at, hit, settings);
      return;
    }
    const source = map.getSource("projects");
    const zoom = await source.getClusterExpansionZoom(cluster.properties.cluster_id);
    if (zoom > APART_ZOOM) {
      const leaves = await source.getClusterLeaves(cluster.properties.cluster_id, MOST_NAMED, 0);
      popup(map, maplibre, cluster.geometry.coordinates, leaves, settings);
    } else {
      map.easeTo({ center: cluster.geometry.coordinates, zoom });
    }
  });
}

// Names come from people's files: they are put in as text, never as markup.
function popup(map, maplibre, at, features, settings) {
  const list = document.createElement("ul");
  list.className = "map-popup";
  const seen = new Map(features.map((one) => [one.properties.id, one.properties]));
  for (const one of [...seen.values()].slice(0, MOST_NAMED)) {
    const item = document.createElement("li");
    const name = document.createElement("bdi");
    name.textContent = one.name;
    const link = document.createElement("a");
    link.href = `/projects/${encodeURIComponent(one.id)}`;
    link.textContent = settings.words.open_project;
    item.append(name, markOf(one.mark, settings), link);
    list.append(item);
  }
  new maplibre.Popup({ maxWidth: "300px", focusAfterOpen: true }).setLngLat(at).setDOMContent(list).addTo(map);
}

function markOf(mark, settings) {
  const line = document.createElement("span");
  const picture = document.querySelector(`#map-legend [data-mark="${mark}"] svg`).cloneNode(true);
  line.append(picture, ` ${settings.lights[mark]}`);
  return line;
}
