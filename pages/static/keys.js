// Keys, what is put in when it is made, and the undo that goes by itself; every page works without.
"use strict";
(() => {
  const typing = (event) => event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey;
  const cards = [...document.querySelectorAll(".card")];
  let at = cards.findIndex((card) => "#" + card.id === decodeURIComponent(location.hash));
  const go = (to) => {
    if (to < 0 || to >= cards.length) return;
    if (cards[at]) cards[at].classList.remove("current");
    at = to;
    cards[at].classList.add("current");
    cards[at].focus({ preventScroll: true });
    cards[at].scrollIntoView({ block: "nearest" });
  };
  if (at >= 0) go(at);
  const values = [...document.querySelectorAll("a.v")];
  const step = (by) => {
    const now = values.findIndex((value) => value.classList.contains("chosen"));
    const next = values[now < 0 ? 0 : now + by];
    if (next) location.href = next.href;
  };
  let told = -1;
  const turn = (selector) => {
    const all = [...document.querySelectorAll(selector)];
    if (!all.length) return;
    told = (told + 1) % all.length;
    all[told].scrollIntoView({ block: "center" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !typing(event)) {
      event.preventDefault();
      const field = document.querySelector("input[type=search]");
      if (field) field.focus();
      return;
    }
    if (typing(event)) return;
    if (cards.length) {
      if (event.key === "j") {
        if (at === cards.length - 1) {
          const next = document.querySelector("a[rel=next]");
          if (next) location.href = next.href;
        } else go(at + 1);
      }
      if (event.key === "k") go(at - 1);
      const state = { 1: "属实", 2: "不成立", 3: "已整改", 4: "读错" }[event.key];
      const button = state && cards[at] && cards[at].querySelector(`button[value="${state}"]`);
      if (button) button.click();
    }
    if (values.length) {
      if (event.key === "ArrowRight") step(1);
      if (event.key === "ArrowLeft") step(-1);
      if (event.key === "f") turn(".finding");
      if (event.key === "p") turn(".problem");
    }
  });
  // What the server is still making is fetched and put in by itself: nobody loses the place, the focus or an open fold.
  const awaited = async (part) => {
    const said = document.getElementById("awaited-said");
    let picture = part.dataset.awaits;
    for (let tries = 0; tries < 40; tries++) {
      await new Promise((done) => {
        if (!picture) return setTimeout(done, 1500);
        const drawn = new Image();
        drawn.onload = drawn.onerror = done;
        drawn.src = picture;
      });
      picture = "";
      let found = null;
      try {
        const answer = await fetch(location.href);
        if (answer.ok) found = new DOMParser().parseFromString(await answer.text(), "text/html");
      } catch {
        continue;
      }
      const made = found && found.getElementById("awaited");
      if (!made) break;
      if ("awaits" in made.dataset) continue;
      const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
      part.replaceChildren(...made.childNodes);
      part.removeAttribute("data-awaits");
      part.removeAttribute("aria-busy");
      const again = focused && [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
      if (again) again.focus({ preventScroll: true });
      if (said) said.textContent = made.dataset.said || "";
      return;
    }
    if (said) said.textContent = "没有取到，请重新打开这一页。";
  };
  const part = document.querySelector("#awaited[data-awaits]");
  if (part) awaited(part);
  const copy = document.getElementById("copy");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById("citation").textContent);
      copy.textContent = "已复制";
    });
  }
  const undo = document.querySelector(".undo");
  if (undo) setTimeout(() => undo.remove(), 10000);
  const facets = document.querySelector("aside form");
  if (facets) facets.addEventListener("change", () => facets.submit());
})();
