// The review: a button that prints, and the arrow keys through several reviews.
const button = document.querySelector("[data-print]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const KEYS = { ArrowRight: "next", ArrowLeft: "prev" };
const sequence = document.querySelector("[data-sequence]");
if (sequence) {
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input, textarea, select, [contenteditable], [role=region]");
    if (busy || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !(event.key in KEYS)) return;
    const link = sequence.querySelector(`a[rel=${KEYS[event.key]}]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });
}
