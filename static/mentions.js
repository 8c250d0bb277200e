// After an @ in a text the colleagues of the list beside it are offered: choosing one writes the name and ticks it.
// Without this module the list is ticked by hand.

const BEGUN = /(?:^|[^\p{L}\p{N}])@([\p{L}\p{N}' .-]{0,40})$/u;
const SHOWN = 6;

for (const field of document.querySelectorAll("textarea[data-mentions]")) {
  const boxes = [...field.form.querySelectorAll(`input[type="checkbox"][name="${field.dataset.mentions}"]`)];
  const people = boxes.map((box) => ({ box, name: box.labels[0]?.textContent.trim() ?? "" }));
  if (!people.length) continue;

  const place = document.createElement("div");
  place.className = "mention-place";
  field.replaceWith(place);
  const list = document.createElement("ul");
  Object.assign(list, { className: "mention-list", id: `${field.id}-people`, hidden: true });
  list.setAttribute("role", "listbox");
  place.append(field, list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");

  let at = 0;
  let found = [];

  const begun = () => field.value.slice(0, field.selectionStart).match(BEGUN)?.[1];

  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const show = () => {
    const typed = begun()?.toLocaleLowerCase();
    found = typed === undefined ? [] : people.filter((one) => one.name.toLocaleLowerCase().split(" ").some((_word, place, words) => words.slice(place).join(" ").startsWith(typed))).slice(0, SHOWN);
    if (!found.length) return close();
    at = Math.min(at, found.length - 1);
    list.replaceChildren(...found.map((one, place) => {
      const item = document.createElement("li");
      Object.assign(item, { id: `${list.id}-${place}`, textContent: one.name });
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(place === at));
      return item;
    }));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-activedescendant", `${list.id}-${at}`);
  };

  const choose = (person) => {
    const until = field.selectionStart;
    const from = until - (begun()?.length ?? 0);
    field.setRangeText(`${person.name} `, from, until, "end");
    person.box.checked = true;
    person.box.closest("details")?.setAttribute("open", "");
    close();
    field.focus();
  };

  field.addEventListener("input", () => {
    at = 0;
    show();
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) at = (at + step + found.length) % found.length;
    else if (event.key === "Enter" || event.key === "Tab") choose(found[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    if (step) show();
  });
  list.addEventListener("mousedown", (event) => {
    const place = [...list.children].indexOf(event.target.closest("li"));
    event.preventDefault();
    if (place >= 0) choose(found[place]);
  });
}
