// A key presses the button or ticks the box that shows it; keys held down and second presses answer nothing.

let sent = false;

const isText = (target) => target.matches("textarea, select, input:not([type=checkbox])");

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("form.answer [type=checkbox]")) event.preventDefault(); // sends nothing
  if (event.key === "Escape" && isText(event.target)) event.target.blur();
  if (sent || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isText(event.target)) return;
  const found = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("textarea")) found.focus();
  else found.click();
});

document.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
addEventListener("pageshow", () => { sent = false; });

document.addEventListener("DOMContentLoaded", () => document.getElementById("subject")?.focus());
