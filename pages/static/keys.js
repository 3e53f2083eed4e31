// Keys and the undo that goes by itself; every page works without.
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
  const drawing = document.getElementById("drawing");
  if (drawing) {
    const page = new Image();
    page.onload = page.onerror = () => location.reload();
    page.src = drawing.dataset.page;
  }
  const waiting = document.getElementById("waiting");
  if (waiting) setTimeout(() => location.reload(), 1500);
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
