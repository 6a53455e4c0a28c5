// What projects cover, once it is wide enough on the screen to be told from a mark.

const FROM_ZOOM = 9;
const MOST = 100; // of one view
const INK = "#1d252c";
const EMPTY = { type: "FeatureCollection", features: [] };

export const FOOTPRINTS = ["footprint-fill", "footprint-line"];

// ids: of the projects that the map shows, which may be fewer than those that lie here
export function addFootprints(map, settings, ids) {
  map.addSource("footprints", { type: "geojson", data: EMPTY });
  const of = { source: "footprints", minzoom: FROM_ZOOM };
  const fill = { "fill-color": INK, "fill-opacity": 0.12 };
  map.addLayer({ id: "footprint-fill", type: "fill", ...of, filter: ["==", ["geometry-type"], "Polygon"], paint: fill }, "clusters");
  map.addLayer({ id: "footprint-line", type: "line", ...of, paint: { "line-color": INK, "line-width": 2 } }, "clusters");
  let asked = 0;
  map.on("moveend", async () => {
    asked += 1;
    const turn = asked;
    if (map.getZoom() < FROM_ZOOM) return;
    const answer = await fetch(`/ogc/collections/projects/items?${query(map.getBounds(), settings.portfolio)}`);
    if (!answer.ok || turn !== asked) return; // the map has moved on: another answer is under way
    const found = await answer.json();
    map.getSource("footprints").setData({ ...EMPTY, features: found.features.filter((one) => ids.has(one.id)) });
  });
}

function query(bounds, portfolio) {
  const [from, to] = [bounds.getSouthWest().wrap(), bounds.getNorthEast().wrap()];
  const box = [from.lng, from.lat, to.lng, to.lat].map((value) => value.toFixed(5)).join(",");
  const asked = new URLSearchParams({ bbox: box, limit: MOST });
  if (portfolio) asked.set("portfolio_id", portfolio);
  return asked;
}
