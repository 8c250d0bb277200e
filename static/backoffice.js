// Back-office: enhancements only. Without them the place of a row is typed as a number.

// Up and down within the same level: two buttons beside each row, the numbers follow.
const place = (row) => row.querySelector("input[name$='-place']");
const level = (row) => row.querySelector("select[name$='rank']")?.value;
const rowsOfLevel = (row) =>
  [...row.parentElement.querySelectorAll(":scope > .inline-related:not(.empty-form)")].filter(
    (other) => place(other) && level(other) === level(row) && (other.classList.contains("has_original") || place(other).value),
  );
const move = (row, step) => {
  const rows = rowsOfLevel(row);
  const other = rows[rows.indexOf(row) + step];
  if (!other) return;
  if (step < 0) other.before(row);
  else other.after(row);
  rowsOfLevel(row).forEach((each, index) => (place(each).value = index + 1));
  row.closest("form").dataset.touched = "yes";
};
document.querySelectorAll(".parts .has_original").forEach((row) => {
  if (!place(row)) return;
  const { up, down } = row.closest(".parts").dataset;
  const buttons = document.createElement("span");
  buttons.className = "moves";
  for (const [label, sign, step] of [[up, "↑", -1], [down, "↓", 1]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn small";
    button.textContent = sign;
    button.title = label;
    button.setAttribute("aria-label", `${label}: ${row.querySelector(".inline_label").textContent.trim()}`);
    button.addEventListener("click", () => {
      move(row, step);
      button.focus();
    });
    buttons.append(button);
  }
  row.querySelector("h3 .inline_label").after(buttons);
});

// Many rows: open or close them all at once.
document.querySelectorAll(".parts").forEach((group) => {
  const rows = () => [...group.querySelectorAll(".has_original > details")];
  if (rows().length < 2) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn small all";
  const shut = () => rows().every((row) => row.open);
  const say = () => (button.textContent = shut() ? group.dataset.shut : group.dataset.open);
  button.addEventListener("click", () => {
    const open = !shut();
    rows().forEach((row) => (row.open = open));
    say();
  });
  say();
  group.querySelector(".inline-heading").append(button);
});

// What was typed is not lost by a stray click.
document.addEventListener("input", (event) => {
  const form = event.target.closest("#content-main form[method='post']");
  if (form) form.dataset.touched = "yes";
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  delete form.dataset.touched;
});
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-touched]")) event.preventDefault();
});
