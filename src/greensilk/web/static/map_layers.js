// Imported layers over the ground, each with a box to switch it on, and the names of who made what is shown.

export async function addLayers(map, settings) {}
