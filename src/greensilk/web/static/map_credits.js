// The names of who made what is shown, below the map as text.

const owed = new Map();

// names: what `id` asks for while it is shown; none when it is not any more
export function credit(id, names) {
  owed.set(id, names);
  document.getElementById("map-credits").textContent = [...new Set([...owed.values()].flat())].filter(Boolean).join(" · ");
}
