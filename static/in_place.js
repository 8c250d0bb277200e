// What changes a value swaps the whole page around itself: a tick, a value changed where it stands, Undo. What stood above it
// stays where the reader saw it, what was unfolded stays open, and the keyboard goes on at the same spot or, where that left the
// window, at the next tick.

const main = () => document.getElementById("main");
const top = (element) => element.getBoundingClientRect().top;
const inWindow = (element) => element.checkVisibility() && top(element) >= 0 && top(element) < window.innerHeight;
const ticks = () => [...document.querySelectorAll("button.tick")].filter((button) => button.checkVisibility());
let kept = null;

// The spots to go on at, by their ids, the first that is left in the window.
const goOn = (form) => {
  const spot = form.closest(".in-place");
  if (spot) return [spot.id];
  const button = form.querySelector("button.tick");
  const all = ticks();
  const place = all.indexOf(button);
  return button ? [button, ...all.slice(place + 1), ...all.slice(0, place).reverse()].map((one) => one.id) : [form.dataset.of ?? ""];
};

document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig.elt;
  if (!("keepsPlace" in form.dataset) || event.detail.target.id !== "main") return;
  const above = [...document.querySelectorAll("#main :is(section, li)[id]")].filter(
    (one) => one.checkVisibility() && one.compareDocumentPosition(form) === Node.DOCUMENT_POSITION_FOLLOWING,
  );
  kept = {
    goOn: goOn(form),
    refused: event.detail.xhr.status >= 400,
    open: [...document.querySelectorAll("#main details[id][open]")].map((one) => one.id),
    above: [main(), ...above].map((one) => [one.id, top(one)]).reverse(),
  };
});

const focusable = (element) => (element?.matches(".in-place") ? element.querySelector(".value") : element);

// What happened stands above the page only when something was refused: else it would push down what is measured here.
const liftToasts = () => {
  const messages = document.querySelector("#main > .messages");
  const all = [...(messages?.children ?? [])];
  const lifts = all.length > 0 && all.every((one) => one.matches(".toast"));
  if (lifts) messages.classList.add("passing");
  return lifts ? all.filter((one) => !("told" in one.dataset)) : [];
};

const keepPlace = () => {
  if (!kept) return;
  if (kept.refused) {
    window.scrollTo(0, 0); // another page, which says why not
    main().focus();
    return;
  }
  liftToasts();
  for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
  const [id, before] = kept.above.find(([id]) => document.getElementById(id)?.checkVisibility());
  window.scrollBy({ top: top(document.getElementById(id)) - before, behavior: "instant" });
  const next = kept.goOn.map((one) => focusable(document.getElementById(one))).find((one) => one && inWindow(one));
  (next ?? main()).focus({ preventScroll: true });
};
document.addEventListener("htmx:afterSwap", keepPlace);
document.addEventListener("htmx:afterSettle", () => {
  keepPlace();
  kept = null;
  tell();
});

// --- The small form: the keyboard is in it when it opens; Escape and Cancel put the value back.
const values = new WeakMap();

const putBack = (spot) => {
  spot.innerHTML = values.get(spot);
  window.htmx.process(spot);
  spot.querySelector(".value").focus();
};
document.addEventListener("htmx:beforeSwap", (event) => {
  const spot = event.detail.target;
  if (spot.matches(".in-place") && !spot.querySelector(".in-place-form")) values.set(spot, spot.querySelector(".value").outerHTML);
});
document.addEventListener("htmx:afterSettle", (event) => {
  const field = event.target.closest?.(".in-place")?.querySelector(".in-place-form :is(input:not([type=hidden]), select, textarea)");
  field?.focus();
});
document.addEventListener("keydown", (event) => {
  const spot = event.target.closest(".in-place");
  if (!spot) return;
  if (event.key === "Escape" && values.has(spot) && spot.querySelector(".in-place-form")) {
    event.preventDefault();
    putBack(spot);
  } else if (event.key === " " && event.target.matches(".value")) {
    event.preventDefault(); // it is a button, which Space presses too
    event.target.click();
  }
});
document.addEventListener("click", (event) => {
  const spot = event.target.closest("[data-cancel]")?.closest(".in-place");
  if (!spot || !values.has(spot)) return;
  event.preventDefault();
  putBack(spot);
});

// --- What happened passes at the foot of the window: above a list it would push the rows down. What can be taken back stays longer,
// and whatever the pointer or the keyboard is on stays. Where the changed value is seen, it says so beside it.
const PASSES = 7000;
const PASSES_WITH_UNDO = 15000;

const pass = (toast) => {
  const held = () => toast.matches(":hover") || toast.contains(document.activeElement);
  const go = () => (held() ? setTimeout(go, 2000) : toast.remove());
  setTimeout(go, toast.querySelector("form") ? PASSES_WITH_UNDO : PASSES);
};
const tell = () => {
  for (const toast of liftToasts()) {
    toast.dataset.told = "";
    const spot = document.getElementById(toast.dataset.at);
    if (spot && inWindow(spot)) {
      toast.classList.add("at-spot");
      toast.querySelector("form").dataset.of = spot.id;
      const saved = document.createElement("span");
      saved.className = "saved";
      saved.setAttribute("aria-hidden", "true");
      saved.textContent = document.querySelector(".messages").dataset.saved;
      toast.querySelector("form").before(saved);
      spot.append(toast); // a status beside the value, which is read as the other was
      toast.setAttribute("role", "status");
    }
    pass(toast);
  }
};
tell();
