// One raster at a time below borders and projects: a picture of what the map shows, asked for anew when it moves.

import { credit } from "./map_credits.js";

const LAYER = "grid";
const BELOW = "rivers";
const MOST_LATITUDE = 85;
const MOST_PX = 1024;
const OPACITY = 0.75;

export async function addGrids(map, settings) {
  const choice = document.getElementById("map-grid");
  const answer = await fetch("/tiles/grids/index.json");
  if (!answer.ok) throw new Error(`/tiles/grids/index.json: ${answer.status}`);
  const { grids } = await answer.json();
  for (const one of grids) choice.append(new Option(one.label[settings.lang], one.id));
  const band = document.getElementById("map-band");
  const chosen = () => grids.find((one) => one.id === choice.value);
  const show = async () => {
    draw(map, chosen(), band.value);
    await explain(chosen(), band.value, settings);
  };
  choice.addEventListener("change", () => {
    const bands = chosen()?.bands ?? 1;
    band.replaceChildren(...Array.from({ length: bands }, (_, k) => new Option(k + 1)));
    band.parentElement.hidden = bands === 1;
    return show();
  });
  band.addEventListener("change", show);
  map.on("moveend", () => {
    if (chosen()) draw(map, chosen(), band.value);
  });
}

function draw(map, grid, band) {
  const shown = map.getLayer(LAYER);
  if (!grid) {
    if (shown) map.setLayoutProperty(LAYER, "visibility", "none");
    return;
  }
  const view = pictureOf(map, grid, band);
  if (shown) {
    map.getSource(LAYER).updateImage(view);
    map.setLayoutProperty(LAYER, "visibility", "visible");
    return;
  }
  map.addSource(LAYER, { type: "image", ...view });
  const below = map.getLayer(BELOW) ? BELOW : "clusters";
  map.addLayer({ id: LAYER, type: "raster", source: LAYER, paint: { "raster-opacity": OPACITY } }, below);
}

function pictureOf(map, grid, band) {
  const bounds = map.getBounds();
  const wide = bounds.getEast() - bounds.getWest() >= 360;
  const [west, east] = wide ? [-180, 180] : [bounds.getWest(), bounds.getEast()];
  const [south, north] = [Math.max(bounds.getSouth(), -MOST_LATITUDE), Math.min(bounds.getNorth(), MOST_LATITUDE)];
  const box = map.getContainer();
  const asked = new URLSearchParams({
    bbox: [west, south, east, north].map((value) => value.toFixed(5)).join(","),
    width: Math.min(box.clientWidth, MOST_PX),
    height: Math.min(box.clientHeight, MOST_PX),
    band,
  });
  return {
    url: `${location.origin}${grid.picture}?${asked}`,
    coordinates: [[west, north], [east, north], [east, south], [west, south]],
  };
}

async function explain(grid, band, settings) {
  const legend = document.getElementById("map-grid-legend");
  legend.replaceChildren();
  credit(LAYER, []);
  if (!grid) return;
  const answer = await fetch(`${grid.legend}?band=${band}`);
  if (!answer.ok) return;
  const told = await answer.json();
  const number = (value) => `${Number(value.toPrecision(3)).toLocaleString(settings.lang)} ${told.unit || ""}`.trim();
  for (const stop of told.stops) {
    const line = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.className = "map-colour";
    swatch.style.backgroundColor = stop.colour;
    line.append(swatch, stop.label ? stop.label[settings.lang] : number(stop.value));
    legend.append(line);
  }
  credit(LAYER, [told.attribution]);
}
