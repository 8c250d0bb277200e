// Keys. Those of one letter do nothing while somebody types, in an open dialog, or when they are switched off in the settings.

const keysAreOn = () => document.body.dataset.keys !== "off";
const isFree = (event) =>
  !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing &&
  !event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open], .scale");

const palette = document.getElementById("palette");
const sheet = document.getElementById("keys");
const field = palette?.querySelector("input");
const list = document.getElementById("palette-list");
const options = () => [...list.querySelectorAll("[role=option]")];

// --- The palette: the field keeps the keyboard, the arrows move what is chosen.
const choose = (option) => {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (!option) return field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
};
const openPalette = () => {
  if (palette.open) return palette.close();
  if (document.querySelector("dialog[open]")) return;
  field.value = "";
  list.replaceChildren();
  palette.showModal();
  field.dispatchEvent(new CustomEvent("opened"));
};
list?.addEventListener("htmx:afterSettle", () => choose(options()[0]));
field?.addEventListener("keydown", (event) => {
  const all = options();
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && all.length) choose(all[(at + step + all.length) % all.length]);
  else if (event.key === "Enter") all[at]?.click();
  else if (event.key === "Escape") palette.close(); // a search field would empty itself first
  else return;
  event.preventDefault();
});
list?.addEventListener("click", (event) => {
  if (event.target.closest("a")) palette.close(); // the address may be of this page
});
for (const dialog of [palette, sheet]) {
  dialog?.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
}

const openSheet = async () => {
  await window.htmx.ajax("GET", sheet.dataset.url, { target: "#keys-body", swap: "innerHTML" });
  if (!document.querySelector("dialog[open]")) sheet.showModal();
};

// --- Rows of actions: J and K go through them, X ticks. The list of accounts has its own (list.js).
const rows = () => [...document.querySelectorAll("#main li.action")].filter((row) => row.checkVisibility());
const step = (by) => {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(document.activeElement.closest?.("li.action"));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  (next.querySelector(".t a") ?? next.querySelector("button"))?.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
};

const press = (selector) => {
  const target = document.querySelector(selector); // maybe hidden: a page holds what its keys do as links that only they follow
  target?.click();
  return Boolean(target);
};
const ALONE = {
  "/": () => {
    const search = document.getElementById("find");
    if (!search?.checkVisibility()) return false;
    search.focus();
    return true;
  },
  "?": () => openSheet(),
  j: () => step(1),
  k: () => step(-1),
  x: () => {
    const tick = document.activeElement.closest?.("li.action")?.querySelector("button.tick");
    tick?.click();
    return Boolean(tick);
  },
  a: () => press("#main [data-key=a]"),
  i: () => press("#main [data-key=i]"),
  e: () => press("#main [data-key=e]"),
};

let going = -Infinity; // when G was pressed, in ms since the page was opened
document.addEventListener("keydown", (event) => {
  if (palette && event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (!keysAreOn() || !isFree(event)) return;
  const key = event.key.toLowerCase();
  const goes = event.timeStamp - going < 1500;
  going = -Infinity;
  if (goes && /^[a-z]$/.test(key)) {
    if (press(`[data-go="${key}"]`)) event.preventDefault();
  } else if (key === "g" && !event.shiftKey) {
    going = event.timeStamp;
  } else if (ALONE[key]?.()) {
    event.preventDefault();
  }
});
