// Smooths the customer's page; without it everything works. Nothing here goes on by itself: the reader sets the pace.
const form = document.getElementById("answers");
const offline = document.getElementById("offline");

// 1 to 5 chooses on the scale in focus, else on the first one that is still open; 0 is “I cannot say”.
document.addEventListener("keydown", (event) => {
  if (!/^[0-5]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("textarea")) return;
  const statements = [...form.querySelectorAll("fieldset")];
  const statement = event.target.closest("fieldset") ?? statements.find((one) => !one.querySelector(":checked"));
  const choice = statement?.querySelector(`input[value="${event.key === "0" ? "dk" : event.key}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.focus();
  choice.click();
});

// A form is sent once, and not into the void: what was filled in would be lost with the page.
form.addEventListener("submit", (event) => {
  offline.hidden = navigator.onLine;
  if (!navigator.onLine) offline.textContent = form.dataset.offline;
  if (!navigator.onLine || form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => delete form.dataset.sent);
