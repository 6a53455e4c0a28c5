// The answer to "rate this place": shown in the page, also where it is a refusal, with the focus on its title.

const rating = document.getElementById("rating");

document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== rating) return;
  const answer = event.detail.xhr;
  if (answer.status < 400) return;
  const kind = answer.getResponseHeader("content-type") || "";
  event.detail.isError = false;
  if (kind.startsWith("text/html")) {
    event.detail.shouldSwap = true;
  } else if (kind.includes("json")) {
    const line = document.createElement("p");
    line.className = "note bad";
    line.setAttribute("role", "alert");
    line.textContent = JSON.parse(answer.responseText).error;
    rating.replaceChildren(line);
  }
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === rating) document.getElementById("rating-title")?.focus();
});
