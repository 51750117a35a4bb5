// The desk's script: news for what is on the page, one press for one act, photos in large.
// Everything works without it too, only not by itself.

const PACE = 5000;

// On a narrow screen the header's links scroll: the page's own is in view.
document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

// ---- news: parts of the page that are marked with where their news come from

function quiet(part) {
  const focused = part.contains(document.activeElement) && document.activeElement !== part;
  return focused && document.activeElement.matches("input, select, textarea");
}

async function refresh(part) {
  if (document.hidden || quiet(part)) return;
  try {
    const answer = await fetch(part.dataset.live, { headers: { Accept: "text/html" } });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const text = await answer.text();
    part.classList.remove("lost");
    // Keys of forms are new each time: they are no news.
    const plain = text.replace(/name="key" value="[^"]*"/g, "");
    if (part.shown === plain) return;
    const held = part.contains(document.activeElement) ? path(part, document.activeElement) : null;
    const open = [...part.querySelectorAll("details[open]")].map((each) => path(part, each));
    if (part.shown !== undefined || plain !== "") part.innerHTML = text;
    part.shown = plain;
    open.forEach((each) => find(part, each)?.setAttribute("open", ""));
    if (held) find(part, held)?.focus({ preventScroll: true });
    see(part);
    toEnd(part);
  } catch {
    part.classList.add("lost");
  }
}

// The newest message is in view, as on a phone.
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

function path(root, node) {
  const steps = [];
  for (let at = node; at !== root; at = at.parentElement) steps.unshift([...at.parentElement.children].indexOf(at));
  return steps;
}

function find(root, steps) {
  return steps.reduce((at, index) => at?.children[index], root);
}

for (const part of document.querySelectorAll("[data-live]")) {
  setInterval(() => refresh(part), PACE);
  document.addEventListener("visibilitychange", () => refresh(part));
}

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
frame?.querySelector("img").addEventListener("click", () => frame.classList.toggle("near"));

// ---- copying

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = "Copied";
});
