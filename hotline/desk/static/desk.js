// The desk: shows what the server sends, sends what the agent does. Without it nothing is live, so nothing works.

const csrf = document.querySelector('meta[name="csrf"]').content;
const me = document.body.dataset.me;
const call = document.body.dataset.call || "";
const byId = (id) => document.getElementById(id);
let known = ["", ""];
let waitingBefore = null;
let callbacksBefore = null;
let failures = 0;

function say(text, bad = false) {
  const [here, other] = bad ? ["alert", "toast"] : ["toast", "alert"];
  byId(other).textContent = "";
  byId(here).textContent = "";
  // An emptied live region speaks again even if the same text follows.
  requestAnimationFrame(() => { byId(here).textContent = text; });
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { byId(here).textContent = ""; }, bad ? 15000 : 8000);
}

function show(pieces) {
  for (const [id, { html, version }] of Object.entries(pieces)) {
    const place = byId(id);
    if (!place || place.dataset.version === version) continue;
    const active = place.contains(document.activeElement) ? document.activeElement : null;
    const typed = [...place.querySelectorAll("input:not([type=hidden]), select")].filter((one) => one.id)
      .map((one) => [one.id, one.value, one.defaultValue]);
    const open = [...place.querySelectorAll("details[open]")].map((one) => one.closest("[id]")?.id);
    const top = place.scrollTop + place.clientHeight >= place.scrollHeight - 4 ? null : place.scrollTop;
    place.innerHTML = html;
    place.dataset.version = version;
    for (const [name, value, before] of typed) {
      const field = byId(name);
      if (field && value !== before && value) field.value = value;
    }
    for (const name of open) byId(name)?.querySelector("details")?.setAttribute("open", "");
    if (active) again(place, active);
    if (place.classList.contains("talk")) place.scrollTop = top ?? place.scrollHeight;
  }
  // What only the agent may do who has the call is not for others who look on.
  for (const place of document.querySelectorAll("[data-agent]")) place.hidden = place.dataset.agent !== me;
  tick();
}

function again(place, lost) {
  // Keep the keyboard where it was: the same field, the same button, or at least the same part of the page.
  const same = (lost.id && byId(lost.id))
    || (lost.dataset.post && place.querySelector(`[data-post="${CSS.escape(lost.dataset.post)}"]`))
    || (lost.href && [...place.querySelectorAll("a")].find((one) => one.href === lost.href));
  if (same) { same.focus({ preventScroll: true }); return; }
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

function badge(id, number, words) {
  const place = byId(id);
  place.hidden = !number;
  place.textContent = number;
  place.title = words;
}

function showQueue(state) {
  show(state.pieces);
  badge("count-waiting", state.waiting.length, "warten");
  badge("count-callbacks", state.callbacks, "offen");
  byId("count-callbacks").classList.toggle("late", state.late > 0);
  document.title = document.title.replace(/^(\(\d+\) )?/, state.waiting.length ? `(${state.waiting.length}) ` : "");
  if (waitingBefore && state.waiting.some((one) => !waitingBefore.includes(one))) {
    say(state.waiting.length === 1 ? "Ein neuer Anruf wartet." : `Ein neuer Anruf wartet, zusammen ${state.waiting.length}.`);
  }
  waitingBefore = state.waiting;
  if (callbacksBefore !== null && callbacksBefore !== state.callbacks && byId("stale")) byId("stale").hidden = false;
  callbacksBefore = state.callbacks;
}

function showCall(state) { show(state.pieces); }

function online(is) {
  byId("offline").hidden = is;
  byId("offline").textContent = is ? "" : "Keine Verbindung. Die Anzeige ist nicht aktuell; ich versuche es weiter.";
}

function listen() {
  const address = new URL("/desk/events", location.href);
  if (call) address.searchParams.set("call", call);
  address.searchParams.set("known", known.join("."));
  const source = new EventSource(address);
  const take = (show) => (event) => {
    online(true);
    failures = 0;
    known = event.lastEventId.split(".");
    show(JSON.parse(event.data));
  };
  source.addEventListener("open", () => { online(true); });
  source.addEventListener("queue", take(showQueue));
  source.addEventListener("call", take(showCall));
  source.addEventListener("signed-out", () => { source.close(); location.assign("/desk/sign-in"); });
  source.addEventListener("error", () => {
    failures += 1;
    if (failures > 1) online(false);
    if (source.readyState !== EventSource.CLOSED) return;
    // Refused: no place for another listener, signed out, or the server starts again. Ask once, then listen again.
    setTimeout(async () => { await ask(); listen(); }, 2000);
  });
  window.addEventListener("pagehide", () => source.close(), { once: true });
}

async function ask() {
  try {
    const answer = await fetch(`/desk/state?call=${encodeURIComponent(call)}`);
    if (answer.status === 401) { location.assign("/desk/sign-in"); return; }
    const state = await answer.json();
    online(true);
    showQueue(JSON.parse(state.queue));
    if (state.call) showCall(JSON.parse(state.call));
  } catch { online(false); }
}

async function post(address, form) {
  const body = new URLSearchParams(form ? new FormData(form) : undefined);
  let answer;
  try {
    const response = await fetch(address, { method: "POST", body, headers: { "X-CSRF-Token": csrf } });
    answer = await response.json();
    if (!response.ok && !answer.go) { say(answer.message || "Das hat nicht geklappt.", true); return null; }
  } catch {
    say("Das ist nicht angekommen. Bitte versuchen Sie es noch einmal.", true);
    return null;
  }
  if (answer.message) say(answer.message);
  if (answer.go && new URL(answer.go, location.href).pathname !== location.pathname) location.assign(answer.go);
  return answer;
}

async function act(address, form, button) {
  if (form?.dataset.sure && !confirm(form.dataset.sure)) return;
  if (button) { if (button.ariaBusy === "true") return; button.ariaBusy = "true"; }
  const answer = await post(address, form);
  if (button) button.ariaBusy = null;
  if (!answer) return;
  if (answer.html !== undefined && form?.dataset.into) {
    byId(form.dataset.into).innerHTML = answer.html;
    byId(form.dataset.into).querySelector("button")?.focus();
  }
  for (const id of answer.clear || []) byId(id)?.replaceChildren();
  if (answer.outcome && byId("outcome")) byId("outcome").value = answer.outcome;
  if (answer.focus) focusSoon(answer.focus);
}

function focusSoon(id, tries = 20) {
  // What is to be focused may still be on its way.
  const place = byId(id);
  if (place) place.focus();
  else if (tries) setTimeout(() => focusSoon(id, tries - 1), 100);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.post) return;
  event.preventDefault();
  act(form.dataset.post, form, event.submitter);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-post]");
  if (button) act(button.dataset.post, null, button);
});
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.key === "F2") {
    event.preventDefault();
    const button = document.querySelector("button.take");
    if (button) button.click();
    else if (waitingBefore?.length) act(`/desk/calls/${waitingBefore[0]}/take`, null, null);
    else say("Es wartet niemand.");
  } else if (event.key === "F4" && byId("service")) {
    event.preventDefault();
    // Pressed again within the form it searches: Enter does not, in a list.
    if (byId("search-form").contains(document.activeElement)) byId("search-form").requestSubmit();
    else byId("service").focus();
  } else if (event.key === "F8" && byId("outcome")) {
    event.preventDefault();
    byId("outcome").focus();
  }
});

byId("ready").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  const wanted = button.ariaPressed !== "true";
  const form = document.createElement("form");
  const field = form.appendChild(document.createElement("input"));
  [field.name, field.value] = ["ready", wanted ? "1" : "0"];
  const answer = await post("/desk/ready", form);
  if (!answer) return;
  button.ariaPressed = String(answer.ready);
  button.querySelector(".ready-text").textContent = answer.ready ? "Bereit" : "Pause";
});

function tick() {
  for (const place of document.querySelectorAll("time.since")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(place.dateTime)) / 1000));
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
    if (place.textContent !== text) place.textContent = text;
  }
}

showQueue(JSON.parse(byId("state").textContent));
if (byId("call-state")) showCall(JSON.parse(byId("call-state").textContent));
setInterval(tick, 1000);
listen();
