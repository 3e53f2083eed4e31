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
  // On a form: the arrows walk the cells, f the findings, p the problems; each opens the place that it means.
  const values = [...document.querySelectorAll("a.v")];
  const chosen = () => values.find((value) => value.classList.contains("chosen"));
  const open = (value) => value && (location.href = value.href);
  const step = (by) => open(values[chosen() ? values.indexOf(chosen()) + by : 0]);
  const climb = (by) => {
    const cell = chosen().closest("td, th");
    const rows = [...document.querySelectorAll("#form tr")].filter((row) => row.querySelector("a.v"));
    const row = cell && rows[rows.indexOf(cell.parentElement) + by];
    if (row) open((row.cells[cell.cellIndex] && row.cells[cell.cellIndex].querySelector("a.v")) || row.querySelector("a.v"));
  };
  const hash = decodeURIComponent(location.hash).slice(1);
  const walk = (selector, by) => {
    const all = [...document.querySelectorAll(selector)];
    if (!all.length) return;
    const now = all.findIndex((one) => one.classList.contains("current"));
    const next = all[now < 0 ? (by > 0 ? 0 : all.length - 1) : (now + by + all.length) % all.length];
    const place = next.querySelector("a.go");
    if (place && next !== all[now]) location.href = place.href;
    else show(next);
  };
  const show = (one) => {
    document.querySelectorAll(".finding.current, .problem.current").forEach((other) => other.classList.remove("current"));
    one.classList.add("current");
    one.tabIndex = -1;
    one.focus({ preventScroll: true });
    one.scrollIntoView({ block: "center" });
  };
  const told = hash && document.getElementById(hash);
  if (told && told.matches(".finding, .problem")) show(told);
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
      const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1, f: 1, F: -1, p: 1, P: -1 }[event.key];
      if (event.key === "ArrowRight" || event.key === "ArrowLeft") step(by);
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!chosen()) return;
        climb(by);
      } else if (event.key === "f" || event.key === "F") walk(".finding", by);
      else if (event.key === "p" || event.key === "P") walk(".problem", by);
      if (by) event.preventDefault();
    }
  });
  // The chosen cell of a wide sheet is in sight; on a narrow window, where the sheet stands alone, up and down, too.
  const insight = () => {
    const cell = document.querySelector(".grid td.chosen, .sheet rect.chosen");
    const sheet = cell && cell.closest(".across, #awaited");
    if (!sheet) return;
    const [own, frame] = [cell.getBoundingClientRect(), sheet.getBoundingClientRect()];
    sheet.scrollLeft += own.left - frame.left - Math.max(0, (frame.width - own.width) / 2);
    if (matchMedia("(max-width: 900px)").matches) cell.scrollIntoView({ block: "center", inline: "nearest" });
  };
  insight();
  // What the server is still making is fetched and put in by itself: nobody loses the place, the focus or an open fold.
  const awaited = async (part) => {
    const said = document.getElementById(`${part.id}-said`);
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
      const made = found && found.getElementById(part.id);
      if (!made) break;
      if ("awaits" in made.dataset) continue;
      const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
      part.replaceChildren(...made.childNodes);
      part.removeAttribute("data-awaits");
      part.removeAttribute("aria-busy");
      insight();
      const again = focused && [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
      if (again) again.focus({ preventScroll: true });
      if (said) said.textContent = made.dataset.said || "";
      return;
    }
    if (said) said.textContent = "没有取到，请重新打开这一页。";
  };
  document.querySelectorAll("[data-awaits]").forEach(awaited);
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
