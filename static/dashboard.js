// A tick can make the page shorter. At its foot the browser would then move everything down: the page keeps the height it had.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.requestConfig.elt.querySelector("button.tick")) return;
  document.body.style.minHeight = `${document.documentElement.scrollHeight}px`;
});
