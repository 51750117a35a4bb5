// The page's script: asks for news, draws them, and carries every act to the simulated carriers.

import { begin, update } from "./feed.js";
import { setClock } from "./clock.js";

const token = document.body.dataset.token;
const panes = new Map([...document.querySelectorAll("[data-pane]")].map((el) => [el.dataset.pane, el]));
const seen = {};
const read = {};
const said = document.getElementById("said");
const small = matchMedia("(max-width: 999px)");
const store = { get: (k) => sessionStorage.getItem(k), set: (k, v) => sessionStorage.setItem(k, v) };
let facts = JSON.parse(document.body.dataset.facts);
let scenario = new URLSearchParams(location.search).get("guide") || store.get("scenario") || "normal";
let job = "";
let tab = "technician";
let toasts = {};
let badges = "";
let asking = null;

// ---- news

function wish() {
  return `guide=${encodeURIComponent(scenario)}&job=${job}`;
}

async function ask(wait) {
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const answer = await fetch(
      `/rehearsal/feed?${wish()}&wait=${wait ? 1 : 0}&seen=${encodeURIComponent(JSON.stringify(seen))}`,
      { signal: mine.signal },
    );
    if (!answer.ok) throw new Error("no news");
    show(await answer.json());
    if (said.dataset.lost) tell("");
    return true;
  } catch (error) {
    if (error.name === "AbortError") return null;
    tell("The rehearsal does not answer. Is it still running?", true);
    return false;
  }
}

async function follow() {
  for (;;) {
    const good = await ask(!document.hidden || Object.keys(seen).length === 0);
    if (good === false) await pause(2000);
    else if (good === null) await pause(150);
    else if (document.hidden) await pause(1000);
  }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function show(news) {
  const previous = facts;
  facts = news.facts;
  if (previous.devices.join() !== facts.devices.join()) return location.reload();
  for (const [name, { hash, html }] of Object.entries(news.panes)) {
    const pane = panes.get(name);
    if (!pane) continue;
    const atEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 90;
    const added = update(pane, html);
    seen[name] = hash;
    if (name.startsWith("screen-") && added && (atEnd || pane.lastElementChild?.classList.contains("mine"))) toEnd(pane);
  }
  job ||= facts.job === null ? "" : String(facts.job); // an ended job stays in view
  setClock(facts);
  mark();
}

function toEnd(pane) {
  pane.scrollTop = pane.scrollHeight;
}

// ---- what is open, what is new, what comes next

const shownDevice = (slot) => slot.querySelector(".phone:not([hidden])")?.dataset.device;

function isVisible(el) {
  return Boolean(el?.offsetParent);
}

function mark() {
  const unread = { technician: 0, manager: 0 };
  for (const button of document.querySelectorAll("[data-open]")) {
    const id = button.dataset.open;
    const count = facts.heard[id] ?? 0;
    if (read[id] === undefined || count < read[id]) read[id] = id in read ? 0 : count;
    if (isVisible(document.querySelector(`[data-device="${id}"]`))) read[id] = count;
    const fresh = count - read[id];
    unread[button.closest("[data-slot]").dataset.slot] += fresh;
    badge(button, fresh);
  }
  const widths = [...document.querySelectorAll("[data-open] .badge")].map((el) => el.hidden).join();
  if (widths !== badges) for (const el of document.querySelectorAll('[data-open][aria-pressed="true"]')) intoView(el);
  badges = widths;
  if (read.mail === undefined || facts.mails < read.mail) read.mail = facts.mails;
  if (tab === "mail" || !small.matches) read.mail = facts.mails;
  badge(document.querySelector('[data-tab="mail"]'), facts.mails - read.mail);
  for (const slot of ["technician", "manager"]) badge(document.querySelector(`[data-tab="${slot}"]`), unread[slot]);
  for (const el of document.querySelectorAll(".suggested")) el.classList.remove("suggested");
  suggested()?.classList.add("suggested");
  for (const [id, [number, text, alert]] of Object.entries(facts.toasts)) {
    if (toasts[id] !== undefined && toasts[id] !== number) toast(id, text, alert);
    toasts[id] = number;
  }
  for (const id of facts.devices) toasts[id] ??= 0;
}

function badge(button, count) {
  const el = button?.querySelector(".badge");
  if (!el) return;
  el.hidden = count <= 0;
  const words = count > 99 ? "99+" : String(count);
  if (el.textContent !== words) el.textContent = words;
  if (count > 0) el.setAttribute("aria-label", `${count} new`);
}

function suggested() {
  const { act, device, value, message } = facts.suggest;
  const phone = device && document.querySelector(`[data-device="${device}"]`);
  if (act === "press") return phone?.querySelector(`[data-press="${CSS.escape(value)}"][data-message="${message}"]`);
  if (act === "say") return phone?.querySelector("input[name=text]");
  if (act === "photo") return phone?.querySelector(".attach > summary");
  return null;
}

function toast(id, text) {
  const el = document.querySelector(`[data-device="${id}"] .toast`);
  if (!el) return;
  el.textContent = text;
  el.hidden = false;
  clearTimeout(el.timer);
  el.timer = setTimeout(() => { el.hidden = true; }, 4000);
}

function tell(words, lost = false) {
  said.textContent = words;
  said.classList.toggle("shown", Boolean(words));
  said.dataset.lost = lost ? "1" : "";
  clearTimeout(tell.timer);
  if (words && !lost) tell.timer = setTimeout(() => said.classList.remove("shown"), 5000);
}

function open(id) {
  const phone = document.querySelector(`[data-device="${id}"]`);
  if (!phone) return;
  const slot = phone.closest("[data-slot]");
  for (const other of slot.querySelectorAll(".phone")) other.hidden = other !== phone;
  for (const button of slot.querySelectorAll("[data-open]")) {
    const pressed = button.dataset.open === id;
    button.setAttribute("aria-pressed", String(pressed));
    if (pressed) intoView(button);
  }
  store.set(`open-${slot.dataset.slot}`, id);
  toEnd(phone.querySelector(".chat"));
}

/** Whose phone it is stays in sight among the others; the page itself never moves. */
function intoView(button) {
  const row = button.parentElement;
  row.scrollLeft = button.offsetLeft - row.offsetLeft - (row.clientWidth - button.offsetWidth) / 2;
}

function openTab(name) {
  tab = name;
  store.set("tab", name);
  for (const button of document.querySelectorAll("[data-tab]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tab === name));
  }
  for (const pane of document.querySelectorAll(".pane")) pane.classList.toggle("shown", pane.dataset.slot === name);
  const slot = document.querySelector(`[data-slot="${name}"]`);
  const chat = slot?.querySelector(".phone:not([hidden]) .chat");
  if (chat) toEnd(chat);
  const whose = slot?.querySelector('[data-open][aria-pressed="true"]');
  if (whose) intoView(whose);
  mark();
}

/** Bring a device into view: the one in its slot, and on a small screen its tab. */
function reveal(id) {
  const slot = document.querySelector(`[data-device="${id}"]`)?.closest("[data-slot]");
  if (!slot) return;
  if (shownDevice(slot) !== id) open(id);
  if (small.matches && tab !== slot.dataset.slot) openTab(slot.dataset.slot);
}

// ---- acts

async function act(path, values, button) {
  const body = values instanceof FormData ? values : new URLSearchParams(values);
  if (button) busy(button, true);
  try {
    const answer = await fetch(`/rehearsal/${path}`, { method: "POST", body, headers: { "X-Rehearsal-Token": token } });
    if (!answer.ok) {
      const wrong = await answer.json().catch(() => ({}));
      tell(wrong.error || "That did not work.");
      return false;
    }
    return true;
  } catch {
    tell("The rehearsal does not answer. Is it still running?");
    return false;
  } finally {
    if (button) busy(button, false);
    ask(false);
  }
}

// Not `disabled`: that would take the focus away.
function busy(button, is) {
  if (is) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

const deviceOf = (el) => el.closest("[data-device]").dataset.device;

const clicks = {
  open: (el) => { open(el.dataset.open); mark(); },
  tab: (el) => openTab(el.dataset.tab),
  job: (el) => { job = el.dataset.job; ask(false); },
  minutes: (el) => act("time", { minutes: el.dataset.minutes }, el),
  more: (el) => {
    const open = document.querySelector(".top").classList.toggle("more");
    el.setAttribute("aria-expanded", String(open));
  },
  next: (el) => act("time", { next: 1 }, el),
  rate: (el) => act("time", { rate: el.dataset.rate }, el),
  press: (el) => act("press", { device: deviceOf(el), data: el.dataset.press, message: el.dataset.message }, el),
  say: (el) => { el.closest("details")?.removeAttribute("open"); act("say", { device: deviceOf(el), text: el.dataset.say }); },
  sample: (el) => {
    el.closest("details").open = false;
    act("send-photo", form({ device: deviceOf(el), sample: el.dataset.sample }));
  },
  scenario: (el) => choose(el.dataset.scenario),
  do: async (el) => {
    const next = { ...facts.suggest, scenario };
    const before = JSON.stringify(facts.suggest);
    if (next.device) reveal(next.device);
    busy(el, true);
    // A second press of a hasty thumb would be one step too many.
    if (await act("guide", next)) for (let n = 0; n < 30 && before === JSON.stringify(facts.suggest); n++) await pause(100);
    busy(el, false);
  },
  afresh: async (el) => {
    if (!confirm("Put the sample people and their jobs back to the morning of another day?")) return;
    job = "";
    if (await act("afresh", {}, el)) for (const key of Object.keys(read)) read[key] = 0;
  },
};

function form(values) {
  const made = new FormData();
  for (const [name, value] of Object.entries(values)) made.append(name, value);
  return made;
}

function choose(name) {
  scenario = name;
  job = "";
  store.set("scenario", name);
  history.replaceState(null, "", `?guide=${encodeURIComponent(name)}`); // so it is drawn if the page comes anew
  for (const button of document.querySelectorAll("[data-scenario]")) {
    button.setAttribute("aria-pressed", String(button.dataset.scenario === name));
  }
  ask(false);
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("button");
  const name = target && Object.keys(target.dataset).find((key) => key in clicks);
  if (name && !target.hasAttribute("aria-disabled")) clicks[name](target);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = event.target.elements.text;
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  if (!(await act("say", { device: deviceOf(input), text }))) input.value = text;
});

document.addEventListener("change", (event) => {
  if (event.target.type !== "file" || !event.target.files.length) return;
  const file = event.target.files[0];
  event.target.closest("details").open = false;
  act("send-photo", form({ device: deviceOf(event.target), file }));
  event.target.value = "";
});

document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(false); });
small.addEventListener("change", () => openTab(tab));

begin(panes);
for (const id of facts.devices) read[id] = 0;
for (const slot of ["technician", "manager"]) open(store.get(`open-${slot}`));
openTab(store.get("tab") || "technician");
choose(scenario);
setClock(facts);
for (const chat of document.querySelectorAll(".chat")) toEnd(chat);
mark();
follow();
