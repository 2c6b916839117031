"use strict";
// The replay: moves the people on the plan. The page is complete without it.
(function () {
  const data = JSON.parse(document.getElementById("moves").textContent);
  const plan = document.getElementById("plan-drawing");
  const [bar, slider, play, leave, clock, current] =
    ["replay", "when", "play", "leave", "clock", "current"].map((id) => document.getElementById(id));
  const movers = Array.from(plan.querySelectorAll(".mover"));
  const leaves = Array.from(plan.querySelectorAll("[data-door]"));
  const rest = leaves.map((leaf) => leaf.getAttribute("transform"));
  const lines = Array.from(plan.querySelectorAll("[data-shot]"));
  const boards = Array.from(plan.querySelectorAll("[data-target]"));
  const told = Array.from(document.querySelectorAll("#story li"));
  const times = told.map((li) => Number(li.querySelector("a").dataset.t));
  const now = document.getElementById("time-now");
  const line = document.querySelector(".timeline");
  let frame = 0, last = 0, time = 0;

  const within = (spans, t) => spans.some((s) => s[0] <= t && t < s[1]);
  const latest = (list, t, of) => { let i = -1; while (i + 1 < list.length && of(list[i + 1]) <= t) i += 1; return i; };

  function place(i, t) {
    const who = data.people[i], at = data.step > 0 ? t / data.step : 0;
    const n = who.x.length - 1, a = Math.min(Math.floor(at), n), b = Math.min(a + 1, n), f = Math.min(1, at - Math.floor(at));
    const mix = (list) => list[a] + (list[b] - list[a]) * f;
    movers[i].setAttribute("transform", "translate(" + mix(who.x).toFixed(1) + " " + mix(who.y).toFixed(1) + ")");
    movers[i].querySelector(".turns").setAttribute("transform", "rotate(" + mix(who.a).toFixed(0) + ")");
    const s = latest(who.states, t, (x) => x[0]);
    movers[i].querySelector(".state").textContent = s < 0 ? "" : who.states[s][1];
    movers[i].classList.toggle("fallen", s >= 0 && who.states[s][2]);
    movers[i].classList.toggle("menace", within(who.danger, t));
  }

  function turnDoor(i, t) {
    const door = data.doors[i], k = door.knots[Math.max(0, latest(door.knots, t, (x) => x[0]))];
    const f = k[2] > k[0] ? Math.min(1, (t - k[0]) / (k[2] - k[0])) : 1;
    const opened = k[1] + (k[3] - k[1]) * f;
    leaves[i].setAttribute("transform", "rotate(" + (-(door.from + door.swing * opened)).toFixed(1) + ")");
  }

  function show(t) {
    time = Math.min(Math.max(0, t), data.end);
    plan.classList.add("replaying");
    leave.disabled = false;
    slider.value = time;
    const s = Math.floor(time % 60);
    clock.textContent = slider.ariaValueText = Math.floor(time / 60) + ":" + (s < 10 ? "0" : "") + s;
    movers.forEach((_, i) => place(i, time));
    leaves.forEach((_, i) => turnDoor(i, time));
    lines.forEach((l) => { const at = data.shots[Number(l.dataset.shot)]; l.classList.toggle("fired", at <= time && time < at + 0.6); });
    boards.forEach((b) => {
      const name = b.dataset.target;
      if (Object.hasOwn(data.shown, name)) b.classList.toggle("shut", !within(data.shown[name], time));
    });
    const i = latest(times, time, (x) => x);
    told.forEach((li, n) => li.classList.toggle("current", n === i));
    current.textContent = i < 0 ? "\u00a0" : told[i].textContent.trim().replace(/\s+/g, " ");
    if (now && line) {
      const x = Number(line.dataset.left) + time * Number(line.dataset.scale);
      now.setAttribute("x1", x); now.setAttribute("x2", x); now.style.visibility = "visible";
    }
  }

  function halt() {
    cancelAnimationFrame(frame); frame = 0;
    play.textContent = "▶ " + play.dataset.play;
  }

  function tick(stamp) {
    show(time + Math.min(0.25, (stamp - last) / 1000));
    last = stamp;
    if (time >= data.end) halt(); else frame = requestAnimationFrame(tick);
  }

  play.addEventListener("click", () => {
    if (frame) { halt(); return; }
    if (time >= data.end) time = 0;
    play.textContent = "❚❚ " + play.dataset.pause;
    last = performance.now();
    frame = requestAnimationFrame(tick);
  });
  slider.addEventListener("input", () => { halt(); show(Number(slider.value)); });
  leave.addEventListener("click", () => {
    halt(); time = 0; slider.value = 0; clock.textContent = "0:00"; current.textContent = "\u00a0"; leave.disabled = true;
    plan.classList.remove("replaying");
    leaves.forEach((leaf, i) => leaf.setAttribute("transform", rest[i]));
    boards.forEach((b) => b.classList.remove("shut"));
    told.forEach((li) => li.classList.remove("current"));
    if (now) now.style.visibility = "hidden";
  });
  document.querySelectorAll("a[data-t]").forEach((a) => a.addEventListener("click", (event) => {
    event.preventDefault();
    halt(); show(Number(a.dataset.t));
    document.getElementById("plan").scrollIntoView({ behavior: "smooth" });
  }));
  bar.hidden = false;
})();
