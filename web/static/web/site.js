// What pages can do beside their links and forms. Each works without this file.
"use strict";
(() => {
  const words = document.body.dataset;
  const language = document.documentElement.lang;
  const locale = (navigator.languages || []).find((one) => one.split("-")[0] === language) || language;
  const clock = { hour: "2-digit", minute: "2-digit" };
  const day = { day: "numeric", month: "short" };
  const full = { day: "numeric", month: "long", year: "numeric", ...clock };
  const forms = { time: clock, your: clock, date: full, day, axis: clock };
  const format = (at, form, zone) => new Intl.DateTimeFormat(locale, { ...form, timeZone: zone }).format(at);

  // Times in the reader's zone, UTC on hover.
  function localise(root) {
    for (const one of root.querySelectorAll("time[datetime]:not([title])")) {
      const at = new Date(one.dateTime);
      if (isNaN(at)) continue;
      const style = one.dataset.as || "time";
      const own = format(at, forms[style] || clock);
      one.title = `${format(at, full, "UTC")} UTC`;
      one.textContent = style === "your" ? words.your.replace("%s", own) : own;
    }
  }
  localise(document);
  const zone = document.getElementById("zone");
  if (zone) zone.textContent = words.zone.replace("%s", Intl.DateTimeFormat().resolvedOptions().timeZone);

  // The open page asks for what has changed, while somebody looks at it.
  const EVERY = 30000;
  const OLD = 180000;
  const live = document.querySelector("[data-live]");
  if (live) {
    const shown = new Map();
    let state = document.querySelector("[data-at]");
    let timer = 0;
    let verdict = state && state.dataset.verdict;
    let offset = 0;

    function age() {
      const at = Date.parse((state && state.dataset.at) || "");
      const old = document.getElementById("old");
      const passed = Date.now() + offset - at;
      old.hidden = !(passed > OLD);
      if (!old.hidden) old.textContent = words.old.replace("%s", Math.round(passed / 60000));
    }

    function show(fresh) {
      for (const part of fresh.querySelectorAll("[data-part]")) {
        const here = document.getElementById(part.id);
        // Nothing is taken from under somebody's finger or keyboard.
        if (!here || shown.get(part.id) === part.innerHTML || here.contains(document.activeElement)) continue;
        shown.set(part.id, part.innerHTML);
        const opened = [...here.querySelectorAll("details")].map((one) => one.open);
        here.innerHTML = part.innerHTML;
        here.querySelectorAll("details").forEach((one, at) => (one.open = opened[at]));
        localise(here);
      }
      state = fresh.querySelector("[data-at]") || state;
      if (!state) return;
      const { title, icon, word } = state.dataset;
      if (title) document.title = title;
      if (icon) document.getElementById("icon").setAttribute("href", icon);
      if (verdict !== state.dataset.verdict) document.getElementById("said").textContent = word || "";
      verdict = state.dataset.verdict;
    }

    async function refresh() {
      clearTimeout(timer);
      try {
        const answer = await fetch(live.dataset.live || location.href, { cache: "no-cache" });
        if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
        const sent = Date.parse(answer.headers.get("Date"));
        // A wrong clock in the reader's device makes nothing old; a copy kept by a proxy is.
        if (sent && !answer.headers.get("Age")) offset = sent - Date.now();
      } catch {
        // No way to the server; the age says so soon enough.
      }
      age();
      plan();
    }

    function plan() {
      clearTimeout(timer);
      if (!document.hidden) timer = setTimeout(refresh, EVERY * (0.9 + 0.2 * Math.random()));
    }

    document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
    addEventListener("pageshow", (event) => event.persisted && refresh());
    // Old at once: a kept copy, or a wrong clock here; the answer's date tells which.
    if (Date.now() - Date.parse((state && state.dataset.at) || "") > OLD) refresh();
    else plan();
  }

  // Search as you type.
  const field = document.getElementById("q");
  const found = document.getElementById("suggested");
  if (field && found) {
    let timer = 0;
    let asked = "";
    const close = () => {
      found.hidden = true;
      asked = "";
    };

    async function ask() {
      const words = field.value.trim();
      if (words === asked) return;
      asked = words;
      if (!words) return close();
      try {
        const answer = await fetch(`${found.dataset.from}?q=${encodeURIComponent(words)}`);
        if (!answer.ok || asked !== words) return;
        found.innerHTML = await answer.text();
        found.hidden = false;
      } catch {
        // The button still searches.
      }
    }

    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 120);
    });
    const links = () => [...found.querySelectorAll("a")];
    field.form.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") {
        close();
        field.focus();
      }
      if (!step || found.hidden) return;
      const all = [field, ...links()];
      const next = all[all.indexOf(document.activeElement) + step];
      if (next) next.focus();
      event.preventDefault();
    });
    field.form.addEventListener("focusout", (event) => {
      if (!field.form.contains(event.relatedTarget)) setTimeout(close, 200);
    });
  }

  // The place of a report: as the server would guess it, or from the position when asked to.
  const form = document.getElementById("report");
  if (form && form.dataset.place) {
    const place = form.elements.region;
    const { lat, lon } = form.elements;
    const button = document.getElementById("locate");
    const told = document.getElementById("located");

    async function guess(options) {
      const answer = await fetch(form.dataset.place, options);
      if (!answer.ok) throw new Error(answer.status);
      return (await answer.json()).place;
    }

    function enter(name) {
      place.value = form.dataset.guess = name;
    }

    const untouched = () => !place.value && document.activeElement !== place;
    if (!place.value) guess().then((name) => untouched() && enter(name), () => {});
    place.addEventListener("focus", () => place.value === form.dataset.guess && place.select());
    // What was only guessed is not the sender's own word: the server finds it again by itself.
    form.addEventListener("submit", () => {
      const guessed = place.value === form.dataset.guess;
      if (!guessed) lat.value = lon.value = "";
      place.disabled = guessed && Boolean(place.value);
    });
    addEventListener("pageshow", () => (place.disabled = false));

    if (button && navigator.geolocation) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const fail = () => (told.textContent = button.dataset.failed);
        told.textContent = button.dataset.busy;
        navigator.geolocation.getCurrentPosition(
          ({ coords }) => {
            // About a kilometre: enough for a region, too little for a door.
            lat.value = coords.latitude.toFixed(2);
            lon.value = coords.longitude.toFixed(2);
            const body = new URLSearchParams({ lat: lat.value, lon: lon.value });
            guess({ method: "POST", body }).then((name) => {
              if (!name) return fail();
              enter(name);
              told.textContent = "";
            }, fail);
          },
          fail,
          { timeout: 10000, maximumAge: 600000 },
        );
      });
    }
  }
})();
