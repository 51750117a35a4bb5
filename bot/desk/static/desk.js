// The desk's script: news for what is on the page, one press for one act, photos in large.
// Everything works without it too, only not by itself.

const PACE = 5000, PATIENCE = 15000, RESTS = 10000;

// On a narrow screen the header's links scroll: the page's own is in view.
document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

// ---- news: parts of the page that are marked with where their news come from

// What is typed into or about to be pressed stays where it is; a pointer that only rests somewhere
// presses nothing.
let pointed = -RESTS;
document.addEventListener("pointermove", () => { pointed = performance.now(); });

function busy(part) {
  const at = document.activeElement;
  const typing = part.contains(at) && at.matches("input, select, textarea");
  return typing || (performance.now() - pointed < RESTS && part.querySelector("button:hover"));
}

function follow(part) {
  const lost = document.querySelector(".lost");
  let version = part.dataset.version, asking = false;
  async function look() {
    if (document.hidden || asking || busy(part)) return;
    asking = true;
    try {
      const answer = await fetch(part.dataset.live, {
        headers: { Accept: "text/html", "If-None-Match": version }, signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.status === 401 || answer.status === 404) return location.reload();
      if (!answer.ok && answer.status !== 304) throw new Error(answer.status);
      const text = await answer.text();
      if (lost.textContent) lost.textContent = "";
      if (answer.status === 304 || busy(part)) return;
      version = answer.headers.get("ETag");
      show(part, text);
    } catch {
      const time = new Date().toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
      if (!lost.textContent) lost.textContent = `No connection since ${time}: this may be old.`;
    } finally {
      asking = false;
    }
  }
  setInterval(look, PACE);
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);
}

function show(part, text) {
  const at = document.activeElement, held = part.contains(at) && at !== part ? mark(at) : "";
  const open = [...part.querySelectorAll("details[open]")].map(mark);
  const scrolled = [...part.querySelectorAll("[data-end]")].filter((each) => !isAtEnd(each)).map((each) => [mark(each), each.scrollTop]);
  part.innerHTML = text;
  toEnd(part);
  for (const each of open) find(part, each)?.setAttribute("open", "");
  for (const [each, top] of scrolled) find(part, each)?.scrollTo(0, top);
  if (held) find(part, held)?.focus({ preventScroll: true });
  see(part);
}

// What an element is for, wherever it stands: the button for one alert is not the one for another.
function mark(node) {
  const form = node.closest("form")?.getAttribute("action");
  return [node.tagName, node.closest("[id]")?.id, form, node.getAttribute("href"), node.name, node.value].join(" ");
}

function find(part, wanted) {
  return [...part.querySelectorAll("a, button, input, select, textarea, summary, details, [data-end]")].find((each) => mark(each) === wanted);
}

// The newest message is in view, as on a phone, unless somebody reads an older one.
function isAtEnd(each) {
  return each.scrollHeight - each.scrollTop - each.clientHeight < 40;
}

function toEnd(root) {
  for (const each of root.querySelectorAll("[data-end]")) each.scrollTop = each.scrollHeight;
}
toEnd(document);

// Forms beside the news act on what is shown now, unless somebody has opened them already.
function see(part) {
  const seen = part.querySelector("[data-seen]")?.dataset.seen;
  if (!seen) return;
  for (const input of document.querySelectorAll("aside details:not([open]) input[name=seen]")) input.value = seen;
}

document.querySelectorAll("[data-live]").forEach(follow);

// ---- one press, one act; some ask first

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  if (form.dataset.confirm && !confirm(form.dataset.confirm)) return event.preventDefault();
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-disabled", "true");
});

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// ---- photos in large

const frame = document.querySelector("dialog.photo");
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-photo]");
  if (!link || !frame || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const image = frame.querySelector("img");
  image.src = link.href;
  image.alt = link.dataset.photo;
  frame.querySelector("p").textContent = link.dataset.photo;
  frame.classList.remove("near");
  frame.showModal();
});
frame?.querySelector(".zoom").addEventListener("click", () => frame.classList.toggle("near"));

// ---- copying

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = "Copied";
});
