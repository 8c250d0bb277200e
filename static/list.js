// The list of accounts by keyboard, what is selected, and an account at a glance. The page works without any of it.

const rows = () => [...document.querySelectorAll("table.accounts .row-link")];
const peek = document.getElementById("peek");
const filters = document.getElementById("filters");
let at = null; // the id of the row that the keys are on

// --- What is selected

const boxes = () => [...document.querySelectorAll("#ticked tbody input[name=account]")];
const showSelected = () => {
  const form = document.getElementById("ticked");
  if (!form) return;
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  const whole = ticked === all.length && ticked > 0;
  if (!whole) delete form.dataset.all;
  const shown = form.dataset.all ? Number(form.dataset.count) : ticked;
  const line = form.querySelector(".chosen");
  line.textContent = `${shown.toLocaleString(document.documentElement.lang)} ${line.dataset.words}`;
  const head = document.getElementById("select-shown");
  head.hidden = false;
  head.checked = whole;
  head.indeterminate = ticked > 0 && !whole;
  const more = document.getElementById("select-all");
  if (more) more.hidden = !whole || Boolean(form.dataset.all);
  const review = form.querySelector("[data-review]");
  if (review) review.hidden = Boolean(form.dataset.all);
};
document.addEventListener("change", (event) => {
  if (event.target.id === "select-shown") for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.closest("#ticked")) showSelected();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#select-all")) {
    const form = document.getElementById("ticked");
    form.dataset.all = "yes";
    showSelected();
    form.querySelector(".selection .btn:not([hidden])").focus();
  }
});
document.addEventListener("reset", (event) => {
  if (event.target.id !== "ticked") return;
  delete event.target.dataset.all;
  setTimeout(() => {
    showSelected();
    (document.getElementById(at) ?? boxes()[0])?.focus({ preventScroll: true }); // the bar with its button is gone
  });
});
// All that the filters leave are named by the filters, not one by one; a review names its accounts in one parameter.
let pressed = null;
document.addEventListener("submit", (event) => {
  if (event.target.id === "ticked") pressed = event.submitter;
});
document.addEventListener("formdata", (event) => {
  const form = event.target;
  if (form.id !== "ticked") return;
  const data = event.formData;
  if (pressed && "review" in pressed.dataset) {
    const ids = data.getAll("account").join(",");
    for (const name of [...data.keys()]) data.delete(name);
    data.set("ids", ids);
  } else if (form.dataset.all) {
    data.delete("account");
    data.delete("state");
    for (const [name, value] of new URLSearchParams(form.dataset.filters)) data.append(name, value);
    data.set("all", "1");
  }
});

// --- One of them at a glance

const closePeek = () => {
  if (peek.hidden) return false;
  const inside = peek.contains(document.activeElement);
  peek.hidden = true;
  peek.replaceChildren();
  if (inside) document.getElementById(at)?.focus({ preventScroll: true });
  return true;
};
let goesInside = false;
const openPeek = (row, inside) => {
  at = row.id;
  goesInside = inside;
  const button = row.closest("tr").querySelector(".peek-at");
  window.htmx.trigger(button, "click");
};
document.addEventListener("click", (event) => {
  const button = event.target.closest(".peek-at");
  if (button && event.isTrusted) {
    at = button.closest("tr").querySelector(".row-link").id;
    goesInside = true;
  }
  if (event.target.closest("[data-close-peek]")) closePeek();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== peek) return;
  peek.hidden = false;
  if (goesInside) peek.querySelector("h2").focus();
});

// --- Keys: off while typing, and beside a modifier

const step = (way) => {
  const all = rows();
  if (!all.length) return;
  const from = all.findIndex((row) => row.id === at || row === document.activeElement);
  const next = all[Math.min(all.length - 1, Math.max(0, from + way))] ?? all[0];
  at = next.id;
  next.focus({ preventScroll: true });
  next.closest("tr").scrollIntoView({ block: "nearest" });
  if (!peek.hidden) openPeek(next, false);
};
const here = () => document.getElementById(at) ?? document.activeElement.closest?.("tr")?.querySelector(".row-link");
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("table.accounts tbody tr")?.querySelector(".row-link");
  if (row) at = row.id;
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.target.closest("dialog[open]")) return;
  const target = event.target;
  if (event.key === "Escape" && !target.closest("details[open]")) {
    if (closePeek()) event.preventDefault();
    return;
  }
  if (document.body.dataset.keys === "off" || target.closest("textarea, select, [contenteditable], input:not([type=checkbox])")) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "x" && here()) here().closest("tr").querySelector("input[name=account]")?.click();
  else if (event.key === " " && target.matches(".row-link, body, #main, #list")) {
    if (!here()) return;
    if (peek.hidden || at !== peek.dataset.of) openPeek(here(), false);
    else closePeek();
    peek.dataset.of = at;
  } else return;
  event.preventDefault();
});

// --- After a filter: the form and the tabs say what the address says, and the keyboard has a place

const matchAddress = () => {
  const query = new URLSearchParams(window.location.search);
  for (const field of filters.elements) {
    if (!field.name || field === document.activeElement) continue;
    field.value = query.get(field.name) ?? (field.name === "state" ? "active" : "");
  }
  for (const name of ["sort", "after", "before", "page"]) query.delete(name);
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  query.sort();
  for (const tab of document.querySelectorAll(".view-tabs a")) {
    const asks = new URLSearchParams(tab.dataset.query);
    asks.delete("sort");
    asks.sort();
    if (asks.toString() === query.toString()) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
};
document.addEventListener("htmx:pushedIntoHistory", matchAddress);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "rows" && event.target.id !== "spread") return;
  showSelected();
  if (document.activeElement === document.body) document.getElementById("add-filter").focus({ preventScroll: true });
});

// A menu of the list closes on Escape and on a click beside it.
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.menu-of[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".listing details.menu-of[open]")) if (!menu.contains(event.target)) menu.open = false;
});

showSelected();
