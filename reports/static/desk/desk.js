// The keyboard of the moderators' desk. Every key presses a button that is there without scripts.
"use strict";

const rows = () => [...document.querySelectorAll("[data-row]")];
let place = 0;

function goTo(number) {
  const all = rows();
  if (!all.length) return;
  place = Math.min(Math.max(number, 0), all.length - 1);
  for (const row of all) row.removeAttribute("aria-current");
  all[place].setAttribute("aria-current", "true");
  all[place].focus({ preventScroll: true });
  all[place].scrollIntoView({ block: "nearest" });
}

// A list of rows has the focus; a page with other things to read keeps it where it is.
function keepPlace() {
  if (document.querySelector("[data-rows]")) goTo(place);
}

function say(text) {
  document.getElementById("said").textContent = text;
}

function press(key) {
  const chosen = document.querySelector("[data-row] input:checked");
  const word = { a: "accept", r: "reject", b: "ban" }[key];
  const button = chosen
    ? document.querySelector(`.chosen [value="${word}"]`)
    : rows()[place]?.querySelector(`[data-key="${key}"]`);
  const reason = document.getElementById("reason");
  if (!button) return;
  if (key !== "a" && !reason.value.trim()) {
    say("Say why first.");
    reason.focus();
  } else {
    button.click();
  }
}

const KEYS = {
  j: () => goTo(place + 1),
  ArrowDown: () => goTo(place + 1),
  k: () => goTo(place - 1),
  ArrowUp: () => goTo(place - 1),
  x: () => rows()[place]?.querySelector("input")?.click(),
  a: () => press("a"),
  r: () => press("r"),
  b: () => press("b"),
  e: () => document.getElementById("reason")?.focus(),
  o: () => rows()[place]?.querySelector("a")?.click(),
  u: () => document.querySelector("[data-undo]")?.click(),
  "?": () => document.getElementById("keys")?.toggleAttribute("open"),
};

document.addEventListener("keydown", (event) => {
  const inField = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (event.key === "Escape" && inField) return goTo(place);
  if (event.key === "Enter" && event.target.id === "reason") {
    // Enter in the reason would press the first button of the form, whatever that is.
    event.preventDefault();
    return goTo(place);
  }
  if (inField || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = document.getElementById("desk") && KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row) place = rows().indexOf(row);
});

// After an act the next row has moved to where the last one was.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "desk" && event.detail.elt.id !== "desk") return;
  say([...document.querySelectorAll("#told li")].map((one) => one.textContent).join(" "));
  keepPlace();
});

document.addEventListener("htmx:responseError", () => say("That did not work. Reload the page."));
document.addEventListener("htmx:sendError", () => say("The server does not answer. Try again."));

keepPlace();
