"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const STORE = `generalbench-rate-${data.key}`;
  const items = data.items.map(([task, name, prompt, given, answers, answer, against]) => ({
    task: data.tasks[task], name, prompt, given, answers, answer, against,
  }));
  // ITU-T P.800 names the five grades; the sentences say what they mean here.
  const SCALES = {
    opinion: {
      question: "How good is it? Judge how natural and clean it is, and whether it is what was asked for.",
      grades: [
        ["5", "Excellent", "Natural throughout; nothing disturbs."],
        ["4", "Good", "Something can be noticed, and does not disturb."],
        ["3", "Fair", "Something disturbs a little; still well usable."],
        ["2", "Poor", "Much disturbs; hardly usable."],
        ["1", "Bad", "Not usable, or not what was asked for at all."],
      ],
      keys: "Space plays and stops. 5 excellent to 1 bad. ← back, → next, E exports the table.",
    },
    preference: {
      question: "Which of the two is the better answer to what was asked for?",
      grades: [
        ["A", "is better", "You would rather have A."],
        ["B", "is better", "You would rather have B."],
        ["T", "Tie", "Neither is better, or you cannot tell."],
      ],
      keys: "Space plays A, then B, and stops. Q plays A again, W plays B. A, B or T (tie) says which is better. ← back, → next, E exports the table.",
    },
  };

  // Every text goes through here: never markup.
  const make = (tag, text = "") => {
    const element = document.createElement(tag);
    if (text !== "") element.textContent = text;
    return element;
  };

  // What is kept in the browser: {raters: {"r " + name: {number of an item: [value, time]}}}

  let kept = { raters: {} };
  const load = () => {
    try {
      const found = JSON.parse(localStorage.getItem(STORE));
      if (found && found.raters) kept = found;
    } catch {
      warn("This browser keeps nothing: export the table before you close or reload the page.");
    }
  };
  const warn = (text) => { $("warning").textContent = text; $("warning").hidden = false; };
  const save = () => {
    try {
      localStorage.setItem(STORE, JSON.stringify(kept));
    } catch {
      warn("What you say cannot be kept in this browser: export the table before you close or reload the page.");
    }
  };
  const own = () => {
    const key = `r ${rater}`; // no name may be that of a property that every object has
    if (!Object.hasOwn(kept.raters, key)) kept.raters[key] = {};
    return kept.raters[key];
  };

  // The order and the sides: drawn from seed and name, so that they are the same after a reload.

  const drawn = (text) => {
    let hash = 0x811c9dc5; // FNV-1a, then stirred
    for (const byte of new TextEncoder().encode(`${data.seed} ${rater} ${text}`)) {
      hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
    hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39) >>> 0;
    return (hash ^ (hash >>> 15)) >>> 0;
  };
  const arranged = () =>
    items.map((_, at) => [drawn(`order ${at}`), at]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((x) => x[1]);
  const turned = (at) => items[at].answers.length > 1 && drawn(`side ${at}`) % 2 === 1;

  let rater = "", order = [], place = 0, players = [];

  const medium = (key, label) => {
    const { kind, src } = data.media[key];
    const figure = make("figure");
    const element = make(kind === "image" ? "img" : kind);
    if (kind === "image") element.alt = label || "Image";
    else { element.controls = true; element.preload = "auto"; element.setAttribute("aria-label", label || "What was given"); }
    if (kind === "video") element.playsInline = true;
    element.src = src;
    if (label) figure.append(make("figcaption", label));
    figure.append(element);
    return { figure, element, kind };
  };

  const show = () => {
    const rated = Object.keys(own()).length;
    $("start").hidden = true;
    $("tools").hidden = false;
    $("who").textContent = `Rater: ${rater}`;
    $("done").hidden = place < order.length;
    $("rate").hidden = place >= order.length;
    for (const player of players) player.element.pause?.();
    players = [];
    if (place >= order.length) {
      $("done-title").textContent = rated < items.length ? `${items.length - rated} are not rated yet` : "All is rated";
      $("done-title").focus();
      return;
    }
    const at = order[place], item = items[at], scale = SCALES[item.task.scale];
    $("progress").textContent = `Number ${place + 1} of ${order.length}; ${rated} rated`;
    $("bar").max = items.length;
    $("bar").value = rated;
    $("item-title").textContent = item.task.title;
    $("prompt").textContent = item.prompt;
    $("given").replaceChildren(...item.given.map((key) => medium(key, "").figure));
    $("asked").hidden = !item.prompt && !item.given.length;
    const keys = turned(at) ? [...item.answers].reverse() : item.answers;
    players = keys.map((key, side) => medium(key, keys.length > 1 ? "AB"[side] : "Answer"));
    $("answers").replaceChildren(...players.map((player) => player.figure));
    players.forEach((player, side) => {
      player.met = player.kind === "image";
      player.element.addEventListener("playing", () => { player.met = true; stopBut(side); hint(); });
      player.element.addEventListener("error", () => { player.failed = true; hint(); });
    });
    $("question").textContent = scale.question;
    $("key-text").textContent = scale.keys;
    const said = own()[at];
    $("scale").replaceChildren(...scale.grades.map(([key, name, meaning]) => {
      const button = make("button", `${key}  ${name}`);
      button.type = "button";
      button.append(make("small", meaning));
      button.dataset.key = key;
      button.setAttribute("aria-pressed", String(Boolean(said) && said[0] === valueOf(at, key)));
      button.addEventListener("click", () => rate(key));
      return button;
    }));
    hint();
    $("item-title").focus();
  };

  const stopBut = (side) => players.forEach((player, other) => { if (other !== side) player.element.pause?.(); });
  const ready = () => players.every((player) => player.met) || Boolean(own()[order[place]]);
  const hint = () => {
    $("hint").textContent = players.some((player) => player.failed)
      ? "This cannot be played here. Go on with →."
      : ready() ? "" : "Play it first: press space.";
  };

  const play = (side, afresh) => {
    const { element, kind } = players[side] || {};
    if (!element || kind === "image") return;
    if (afresh || element.ended) element.currentTime = 0;
    element.play().catch(() => hint());
  };
  const toggle = () => {
    const running = players.find((player) => player.kind !== "image" && !player.element.paused);
    if (running) { running.element.pause(); if (players.every((player) => player.met)) return; }
    const next = players.findIndex((player) => !player.met);
    play(next < 0 ? 0 : next);
  };

  // Of two, 1 says that the run's own answer is better, whatever side it is on.
  const valueOf = (at, key) => {
    if (items[at].task.scale === "opinion") return key;
    if (key === "T") return "0.5";
    return (key === "A") !== turned(at) ? "1" : "0";
  };
  const rate = (key) => {
    const at = order[place];
    if (!ready()) { hint(); return; }
    load(); // another tab may have rated
    own()[at] = [valueOf(at, key), new Date().toISOString()];
    save();
    const left = order.map((_, step) => (place + 1 + step) % order.length);
    const next = left.find((one) => !own()[order[one]]);
    place = next === undefined ? order.length : next;
    show();
  };

  const cell = (value) => `"${String(value).replaceAll('"', '""')}"`;
  const table = () => {
    const rows = Object.entries(own()).map(([at, [value, time]]) => {
      const { task, name, answer, against } = items[at];
      return [name, task.id, rater, value, time, answer, against];
    }).sort((a, b) => (a[4] < b[4] ? -1 : 1));
    const head = ["document", "task", "rater", "rating", "time", "answer", "against"];
    return [head, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
  };
  const exportTable = () => {
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
    link.download = `ratings-${rater.replace(/[^\p{L}\p{N}]+/gu, "_")}-${data.key}.csv`;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  const begin = (name) => {
    rater = name;
    load();
    order = arranged();
    const next = order.findIndex((at) => !own()[at]);
    place = next < 0 ? order.length : next;
    show();
  };
  const ask = () => {
    players.forEach((player) => player.element.pause?.());
    rater = "";
    for (const id of ["rate", "done", "tools"]) $(id).hidden = true;
    $("start").hidden = false;
    $("name").value = "";
    $("name").focus();
  };

  const step = (by) => { place = Math.min(Math.max(place + by, 0), order.length); show(); };
  $("back").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("export").addEventListener("click", exportTable);
  $("change").addEventListener("click", ask);
  $("name-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = $("name").value.trim().replace(/\s+/g, " ");
    if (name) begin(name);
  });

  document.addEventListener("keydown", (event) => {
    if (!rater || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const native = event.target.closest?.("button, summary, input, audio, video");
    const key = event.key.toUpperCase();
    if (key === "E") { exportTable(); return; }
    if (key === "ARROWLEFT" || key === "ARROWRIGHT") {
      if (!event.target.closest?.("audio, video")) { event.preventDefault(); step(key === "ARROWLEFT" ? -1 : 1); }
      return;
    }
    if (place >= order.length) return;
    const scale = SCALES[items[order[place]].task.scale];
    if (key === " ") {
      if (!native) { event.preventDefault(); toggle(); }
    } else if (scale === SCALES.preference && (key === "Q" || key === "W")) play(key === "Q" ? 0 : 1, true);
    else if (scale.grades.some((grade) => grade[0] === key)) rate(key);
  });

  load();
  ask();
})();
