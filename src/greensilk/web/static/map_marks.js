// The marks of verdicts as pictures for the map. They are drawn from the symbols of the page, with the colours that its
// style gives them, so that map, legend and tables cannot differ.

const UNITS = 20; // the view box of a symbol
const SIDE_PX = 20;
const HALO_UNITS = 4; // a white edge keeps a mark readable on any ground
const STRIPE_UNITS = 4;

export function addMarks(map, names) {
  const ratio = Math.max(2, window.devicePixelRatio || 1);
  for (const name of names) {
    map.addImage(name, drawn(document.querySelector(`#m-${name} path`), ratio), { pixelRatio: ratio });
  }
}

function drawn(path, ratio) {
  const style = getComputedStyle(path);
  const outline = new Path2D(path.getAttribute("d"));
  const side = Math.ceil((SIDE_PX + HALO_UNITS) * ratio);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  pen.scale(side / (UNITS + HALO_UNITS), side / (UNITS + HALO_UNITS));
  pen.translate(HALO_UNITS / 2, HALO_UNITS / 2);
  pen.lineJoin = "round";
  const width = parseFloat(style.strokeWidth) || 0;
  const edged = style.stroke !== "none" && width > 0;
  pen.strokeStyle = "#fff";
  pen.lineWidth = (edged ? width : 0) + HALO_UNITS;
  pen.stroke(outline);
  if (style.fill.startsWith("url(")) {
    hatch(pen, outline, style.stroke);
  } else if (style.fill !== "none") {
    pen.fillStyle = style.fill;
    pen.fill(outline);
  }
  if (edged) {
    pen.strokeStyle = style.stroke;
    pen.lineWidth = width;
    pen.stroke(outline);
  }
  return pen.getImageData(0, 0, side, side);
}

// Hatched: the light rests on the type of project alone, the site is unchecked.
function hatch(pen, outline, colour) {
  pen.save();
  pen.clip(outline);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, UNITS, UNITS);
  pen.strokeStyle = colour;
  pen.lineWidth = STRIPE_UNITS * 0.425;
  pen.beginPath();
  for (let x = -UNITS; x < UNITS; x += STRIPE_UNITS) {
    pen.moveTo(x, UNITS);
    pen.lineTo(x + UNITS, 0);
  }
  pen.stroke();
  pen.restore();
}
