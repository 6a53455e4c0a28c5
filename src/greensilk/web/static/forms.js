// A form that takes its time says so: its button rests and a line tells that work is under way.

function begin(event) {
  const form = event.target;
  const button = event.submitter ?? form.querySelector("button");
  if (event.defaultPrevented || form.method !== "post" || button === null) return;
  if (form.dataset.sent) {
    event.preventDefault(); // a second click is not a second request
    return;
  }
  form.dataset.sent = "yes";
  button.setAttribute("aria-disabled", "true");
  const told = document.createElement("span");
  told.className = "working";
  told.setAttribute("role", "status");
  button.after(told);
  // Who stopped the browser's waiting may send again.
  setTimeout(() => { delete form.dataset.sent; }, 30000);
  // Quick answers say nothing.
  setTimeout(() => { told.textContent = document.body.dataset.working; }, 600);
}

// A page that the browser kept and shows again has sent nothing yet.
function reset() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelectorAll(".working").forEach((told) => told.remove());
    form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  }
}

document.addEventListener("submit", begin);
window.addEventListener("pageshow", reset);
