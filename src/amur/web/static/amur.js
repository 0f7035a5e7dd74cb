// What the pages need of a script: charts drawn in place, parts filled in, running work kept up to date, words explained.

const DARK = matchMedia("(prefers-color-scheme: dark)");
const EVERY = 700;
const FAILURES = 5;

const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function look() {
  const text = { labelColor: variable("--ink"), titleColor: variable("--soft"), labelFontSize: 12, titleFontWeight: "normal" };
  return {
    background: "transparent",
    font: getComputedStyle(document.body).fontFamily,
    axis: { ...text, gridColor: variable("--line"), domainColor: variable("--line"), tickColor: variable("--line") },
    legend: text,
  };
}

// Vega's own expressions need eval, which the page forbids; `ast` has them interpreted instead.
async function draw(figure) {
  const [{ vegaEmbed }, answer] = await Promise.all([import("/assets/vega.js"), fetch(figure.dataset.spec)]);
  if (!answer.ok) return;
  const spec = await answer.json();
  const options = { ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true } };
  const show = () => vegaEmbed(figure, spec, { ...options, config: look() });
  await show();
  figure.dataset.drawn = "";
  DARK.addEventListener("change", show);
}

async function part(href, selector) {
  const answer = await fetch(href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return answer.ok ? page.querySelector(selector) : null;
}

async function fill(section) {
  section.setAttribute("aria-busy", "true");
  const found = await part(section.dataset.part, "section.chart").catch(() => null);
  if (!found) return section.removeAttribute("aria-busy");
  section.replaceWith(found);
  found.querySelectorAll("figure[data-spec]").forEach(draw);
}

function isHeld(result) {
  const selection = getSelection();
  return result.contains(document.activeElement) || (!selection.isCollapsed && selection.containsNode(result, true));
}

// Where one has the focus or has selected something, only the line that says how far it is changes. A statement to
// annotate comes all the same, for it is what was waited for, and has the focus unless that is elsewhere on the page.
function renew(result, found) {
  if (found.isEqualNode(result)) return result;
  const subject = found.querySelector("#subject");
  document.title = found.ownerDocument.title;
  if (subject || !isHeld(result)) {
    result.replaceWith(found);
    if (document.activeElement === document.body) subject?.focus();
    return found;
  }
  const [before, now] = [result, found].map((one) => one.querySelector("[role=status]"));
  if (before && now && before.textContent !== now.textContent) before.textContent = now.textContent;
  return result;
}

function giveUp(result) {
  const told = document.createElement("p");
  told.className = "problem";
  told.setAttribute("role", "alert");
  told.textContent = "No answer comes any more, so this is not kept up to date; load the page again.";
  result.prepend(told);
}

async function follow(result) {
  for (let failures = 0; "live" in result.dataset;) {
    await new Promise((wait) => setTimeout(wait, EVERY * 2 ** failures));
    const found = await part(location.href, "#result").catch(() => null);
    failures = found ? 0 : failures + 1;
    if (failures === FAILURES) return giveUp(result);
    if (found) result = renew(result, found);
  }
}

// The words that moved a statement, shown below it; where that fails, on the page that the link leads to.
async function explain(event) {
  const asked = event.target.closest?.("a.why");
  if (!asked || event.ctrlKey || event.metaKey || event.shiftKey || "busy" in asked.dataset) return;
  event.preventDefault();
  asked.dataset.busy = "";
  asked.firstChild.textContent = "reading…";
  const found = await part(asked.href, "section.words").catch(() => null);
  if (!found) return location.assign(asked.href);
  found.tabIndex = -1;
  asked.closest("li").append(found);
  asked.remove();
  found.focus({ preventScroll: true });
}

// What is not chosen stays out of the address.
function shorten({ formData }) {
  const chosen = [...formData].filter(([, value]) => value !== "" && value !== "0");
  new Set(formData.keys()).forEach((name) => formData.delete(name));
  chosen.forEach(([name, value]) => formData.append(name, value));
}

document.querySelectorAll("form.filters").forEach((form) => form.addEventListener("formdata", shorten));
document.querySelectorAll("figure[data-spec]").forEach(draw);
document.querySelectorAll("section[data-part]").forEach(fill);
document.querySelectorAll("#result[data-live]").forEach((result) => follow(result));
document.addEventListener("click", explain);
