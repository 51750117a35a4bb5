// Brings the panes up to date without disturbing what stays: children are matched by data-key.

const sources = new WeakMap();

function same(old, fresh) {
  return sources.get(old) === fresh.outerHTML;
}

function rememberAll(container) {
  for (const child of container.children) sources.set(child, child.outerHTML);
}

function focusMark(container) {
  const active = document.activeElement;
  if (!active || active === container || !container.contains(active)) return null;
  return active.dataset.focus || "";
}

/** Let `container` show `html`; returns whether something was added at its end. */
export function update(container, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = [...template.content.children];
  if (!fresh.length || !fresh.every((child) => child.dataset.key)) {
    if (container.innerHTML !== html) container.innerHTML = html;
    return false;
  }
  const mark = focusMark(container);
  const old = new Map([...container.children].map((child) => [child.dataset.key, child]));
  let added = false;
  let place = container.firstElementChild;
  for (const child of fresh) {
    const source = child.outerHTML;
    const known = old.get(child.dataset.key);
    old.delete(child.dataset.key);
    let shown = known;
    if (!known || !same(known, child)) {
      const open = known?.querySelectorAll("details") ?? [];
      child.querySelectorAll("details").forEach((each, n) => { if (open[n]) each.open = open[n].open; });
      sources.set(child, source);
      if (known) {
        if (place === known) place = child;
        known.replaceWith(child);
      } else {
        added = true;
      }
      shown = child;
    }
    if (shown === place) place = shown.nextElementSibling;
    else container.insertBefore(shown, place);
  }
  for (const gone of old.values()) gone.remove();
  if (mark !== null && !container.contains(document.activeElement)) {
    const again = mark && container.querySelector(`[data-focus="${CSS.escape(mark)}"]`);
    const composer = container.closest("[data-device]")?.querySelector("input[name=text]");
    // On a touch screen the field would bring the keyboard up.
    const field = matchMedia("(pointer: coarse)").matches ? null : composer;
    (again || field || container).focus({ preventScroll: true });
  }
  return added;
}

/** What is in the panes at the start counts as known. */
export function begin(panes) {
  for (const container of panes.values()) rememberAll(container);
}
