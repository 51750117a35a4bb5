// The clock's face: runs on by itself between two pieces of news.

const now = document.getElementById("now");
const rate = document.getElementById("rate");
let base = 0, since = 0, speed = 1, zone = "UTC", face = null;

function draw() {
  const at = base + (performance.now() - since) * speed;
  const words = face.format(new Date(at));
  if (now.textContent !== words) now.textContent = words;
}

/** Take over the time (ms), the rate and the zone that the product has. */
export function setClock(facts) {
  if (zone !== facts.zone || !face) {
    zone = facts.zone;
    face = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, weekday: "short", hour: "numeric", minute: "2-digit", second: "2-digit",
    });
  }
  base = facts.now; since = performance.now(); speed = facts.rate;
  const place = zone.split("/").pop().replaceAll("_", " ");
  const words = `${place} time, ${speed === 0 ? "stopped" : speed === 1 ? "real pace" : `×${speed}`}`;
  if (rate.textContent !== words) rate.textContent = words;
  for (const button of document.querySelectorAll("[data-rate]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.rate) === speed));
  }
  draw();
}

setInterval(() => face && draw(), 200);
