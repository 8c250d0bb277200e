// Enhancements only: every page works without them.

// The finder: arrows go through what was found, Escape leaves it.
const finder = document.querySelector("form.find");
finder?.addEventListener("keydown", (event) => {
  const field = finder.querySelector("input");
  if (event.key === "Escape") {
    document.getElementById("found").replaceChildren();
    field.focus();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [field, ...finder.querySelectorAll(".found a")];
  const next = step && stops[stops.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// After an act the side bar asks for its present state.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.detail.requestConfig.verb === "post") document.body.dispatchEvent(new CustomEvent("acted"));
});

// A menu closes on Escape, and on a click beside it.
const menus = [...document.querySelectorAll("details.me, details.views")];
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus.filter((one) => one.open)) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
});

// Filters change the address without a new page: what is saved is the address as it is now.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if ("savesAddress" in form.dataset) form.elements.query.value = window.location.search;
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

// Another language is another page: it asks before what was typed here is lost.
const isTyped = (field) => {
  if (field.type === "hidden") return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "select-one") {
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  }
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
};
document.addEventListener("click", (event) => {
  const link = event.target.closest("form.language a");
  if (!link) return;
  event.preventDefault();
  const form = link.closest("form");
  const fields = document.querySelectorAll("form[method=post] :is(input, select, textarea)");
  const typed = "typed" in form.dataset || [...fields].some(isTyped);
  if (!typed || window.confirm(form.dataset.asks)) form.requestSubmit();
});

// A part that could not be fetched says so: without a word the button would seem dead.
const say = (event) => {
  const messages = document.querySelector(".messages[data-failed]"); // anew: a swap may have replaced them
  if (!messages || event.target.closest("form[data-draft]")) return; // a draft has its own line
  const line = document.createElement("p");
  line.className = "alert alert-danger";
  line.textContent = messages.dataset.failed;
  messages.classList.remove("passing");
  messages.replaceChildren(line);
  line.scrollIntoView({ block: "nearest" });
};
document.addEventListener("htmx:responseError", say);
document.addEventListener("htmx:sendError", say);

// A form of statements: what is answered is counted as it is chosen, and a number key chooses on the scale in focus.
const count = (form) => {
  const answered = form.querySelectorAll(".scale :checked").length;
  form.querySelector("[data-answered]").textContent = answered;
  form.querySelector("progress").value = answered;
};
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-statements]");
  if (form) count(form);
});
document.addEventListener("keydown", (event) => {
  const scale = event.target.closest(".scale");
  if (!scale || event.ctrlKey || event.metaKey || event.altKey || !/^[0-5]$/.test(event.key)) return;
  const choice = scale.querySelector(`input[value="${event.key === "0" ? "dk" : event.key}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.focus();
  choice.click();
});

// A draft is kept in the background. A button pressed meanwhile waits for it, so that no one overtakes oneself.
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (!form) return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.saving = "yes";
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.saving || event.defaultPrevented) return;
  event.preventDefault();
  form.waiting = event.submitter;
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (!form) return;
  delete form.dataset.saving;
  if (!event.detail.successful && event.detail.xhr.status < 400) failed(form);
  if (form.waiting) form.requestSubmit(form.waiting);
  form.waiting = null;
});
// Neither the sign-in page nor an error belongs in the line that says whether the draft is kept.
const failed = (form) => {
  form.querySelector("[data-state]").textContent = form.dataset.offline;
};
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (!form) return;
  const elsewhere = new URL(event.detail.xhr.responseURL).pathname !== window.location.pathname;
  if (elsewhere) event.detail.shouldSwap = false;
  if (elsewhere || event.detail.xhr.status >= 500 || event.detail.xhr.status === 403) failed(form);
});

// One press ticks all boxes of a name in the form, or none when all are ticked. Shown only here, where it works.
const showTickers = () => document.querySelectorAll("button[data-check-all][hidden]").forEach((button) => (button.hidden = false));
showTickers();
document.addEventListener("htmx:afterSettle", showTickers);
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-check-all]");
  if (!button) return;
  const boxes = [...button.form.querySelectorAll(`input[type=checkbox][name="${button.dataset.checkAll}"]`)];
  const tick = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = tick;
});

// What is shown once can be copied with one press.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.firstChild.textContent = button.dataset.copied;
  });
}
