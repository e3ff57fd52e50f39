"use strict";
// The page works without this. It fills in the reader's time zone, and offers the browser's own
// notifications where there are such.
(() => {
  const form = document.querySelector("form.subscribing[data-push]");
  if (!form) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const field = form.elements.time_zone;
  if (field && field.value === "UTC") field.value = zone;

  const button = document.getElementById("push");
  const said = document.getElementById("push-said");
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return;
  button.hidden = false;

  const bytes = (text) => {
    const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  };

  const subscribe = async () => {
    if (await Notification.requestPermission() !== "granted") throw new Error("refused");
    await navigator.serviceWorker.register(form.dataset.worker);
    const ready = await navigator.serviceWorker.ready;
    const made = await ready.pushManager.subscribe({
      userVisibleOnly: true, applicationServerKey: bytes(form.dataset.key),
    });
    const { endpoint, keys } = made.toJSON();
    const sent = new URLSearchParams({ endpoint, keys: JSON.stringify(keys), time_zone: zone });
    for (const name of ["service", "category", "region", "least_state"]) sent.set(name, form.elements[name].value);
    const answer = await fetch(form.dataset.push, { method: "POST", body: sent });
    if (!answer.ok) throw new Error(String(answer.status));
    window.location.assign((await answer.json()).url);
  };

  button.addEventListener("click", () => {
    said.textContent = button.dataset.busy;
    button.disabled = true;
    subscribe().catch(() => {
      said.textContent = button.dataset.failed;
      button.disabled = false;
    });
  });
})();
