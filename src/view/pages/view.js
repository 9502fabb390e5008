// What a page can do besides links: keys, filters that act when chosen, and following a run that is under way. All of it is there without, too.
"use strict";
const form = document.querySelector("form");
const rows = () => [...document.querySelectorAll("#results tbody tr")];

function step(by) {
  const all = rows();
  const at = all.findIndex((row) => row.classList.contains("at"));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  if (!next) return;
  if (at >= 0) all[at].classList.remove("at");
  next.classList.add("at");
  next.querySelector("a").focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const writes = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (writes) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const target = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
  if (target && target.tagName === "A") {
    event.preventDefault();
    target.click();
  } else if (target) {
    event.preventDefault();
    target.focus();
    target.select();
  } else if (rows().length > 0 && (event.key === "j" || event.key === "k")) {
    event.preventDefault();
    step(event.key === "j" ? 1 : -1);
  }
});

// Addresses hold what was chosen, and nothing of what was not.
function submit() {
  const words = new URLSearchParams();
  for (const [key, value] of new FormData(form)) if (value !== "") words.append(key, value);
  if (!words.has("against")) words.delete("flip");
  if (!words.has("q")) words.delete("in");
  location.assign("/?" + words);
}
if (form) {
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  form.addEventListener("change", (event) => { if (event.target.tagName === "SELECT") submit(); });
}

// A list is renewed in place; a case stays as it is, and says that there is more.
async function follow() {
  try {
    const version = await (await fetch("/version")).text();
    if (version !== document.body.dataset.version) await renew(version);
  } catch { /* The server has ended, or is busy: the page stays as it is. */ }
  setTimeout(follow, 2000);
}
async function renew(version) {
  if (!document.querySelector("#results")) {
    document.querySelector("#news").hidden = false;
    return;
  }
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  for (const name of ["#results", "#conclusion", "header"]) document.querySelector(name).replaceWith(document.adoptNode(page.querySelector(name)));
  document.body.dataset.version = version;
}
setTimeout(follow, 2000);
