// Enhancements only: every page works without them.

// "/" goes to the search field, unless someone is typing.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.getElementById("find");
  if (field && field.offsetParent !== null) {
    event.preventDefault();
    field.focus();
  }
});

// A form is sent once: a double click does not send it again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
// Back from the next page, or after a part was swapped: it may be sent again.
const release = () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
window.addEventListener("pageshow", release);
document.addEventListener("htmx:afterRequest", release);
