// The map of an Outage, moved through time. Without this file there are links to each instant.
"use strict";
(() => {
  const scrub = document.querySelector(".scrub");
  const range = document.getElementById("scrub");
  const said = document.getElementById("scrubbed");
  if (!scrub || !range || !said) return;
  const frames = scrub.dataset.frames.trim().split(" ");
  const shapes = [...document.querySelectorAll("#scrub-map [data-levels]")];
  const began = range.value;
  const box = document.querySelector("#scrub-map .map-said");
  const first = box.innerHTML;
  const words = [...document.querySelectorAll("#scrub-map .key")].map((one) => one.textContent);
  const elsewhen = document.querySelectorAll("#scrub-map .map-ranks, #peak");
  const MOST = 8;
  const language = document.documentElement.lang;
  const form = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" };

  // The list beside the map, of another instant than the one that the page came with.
  function list(at) {
    const worst = shapes.map((one) => [Number(one.dataset.levels[at]), one.dataset.name]);
    worst.sort((a, b) => b[0] - a[0]);
    const shown = worst.filter(([level]) => level).slice(0, MOST);
    const rows = document.createElement(shown.length ? "ol" : "p");
    rows.className = "worst";
    if (!shown.length) rows.textContent = words[0];
    for (const [level, name] of shown) {
      const row = rows.appendChild(document.createElement("li"));
      row.appendChild(document.createElement("b")).textContent = name;
      const detail = row.appendChild(document.createElement("span"));
      detail.className = "detail";
      detail.textContent = words[level];
    }
    box.replaceChildren(rows);
  }

  function show() {
    const at = Number(range.value);
    for (const one of shapes) one.setAttribute("class", `level-${one.dataset.levels[at]}`);
    const date = new Date(frames[at]);
    const told = new Intl.DateTimeFormat(language, form).format(date);
    said.textContent = told;
    said.title = date.toISOString();
    range.setAttribute("aria-valuetext", told);
    for (const one of elsewhen) one.toggleAttribute("hidden", range.value !== began);
    if (range.value === began) box.innerHTML = first;
    else list(at);
  }

  range.addEventListener("input", show);
  scrub.hidden = false;
})();
