"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const STATES = ["not run", "failed", "unsupported", "scored"];
  const STEP = 25; // rows that are shown at first, and more at a time

  // Every text goes through here: never markup.
  const make = (tag, text = "", kind = "") => {
    const element = document.createElement(tag);
    if (text !== "") element.textContent = text;
    if (kind) element.className = kind;
    return element;
  };

  const number = (value) => {
    if (value === null || value === undefined) return "–";
    if (value === "inf") return "∞";
    const size = Math.abs(value);
    if (size && size < 0.1) return String(Number(value.toPrecision(2)));
    return value.toFixed(size < 10000 ? 2 : 1);
  };
  const points = (score) => score.toFixed(2);
  const UNITS = { "10^3": "× 10³", "10^-3": "× 10⁻³", x100: "" };
  const withUnit = (value, unit) => {
    const text = number(value), shown = Object.hasOwn(UNITS, unit) ? UNITS[unit] : unit;
    return text === "–" || !shown ? text : `${text} ${shown}`;
  };
  const share = (value) => (value === null ? "–" : (100 * value).toFixed(value < 0.1 ? 1 : 0) + " %");
  const size = (value) => (value === "inf" ? Infinity : value);

  const tasks = data.tasks.map(([id, title, area, skill, metric, unit, sota, sotaScore, better], at) => ({
    at, id, title, area, skill, metric, unit, sota, sotaScore, better,
    modality: area < 0 ? "" : data.areas[area][0],
    paradigm: area < 0 ? "" : data.areas[area][1],
    place: area < 0 ? "Other" : data.areas[area][2],
    words: [id, title, metric, skill, data.skills[skill] || ""].join(" ").toLowerCase(),
  }));
  const models = data.models.map((model, which) => ({
    name: model.name,
    samples: data.samples[which] || {},
    rows: model.rows.map(([value, stderr, range, score, state, win, chance, n, total, unparsed, broken]) => ({
      value, stderr, range, score, state, win, chance, n, total, unparsed, broken,
      partial: broken > 0 || (n !== null && total !== null && n < total),
    })),
  }));
  const samplesOf = (which, task) =>
    Object.hasOwn(models[which].samples, task.id) ? models[which].samples[task.id] : [];
  let model = 0;

  // Tables: heads are buttons, aria-sort says which way.

  const compare = (a, b) => {
    const none = (x) => x === null || x === undefined || x === "";
    if (none(a) || none(b)) return none(a) - none(b);
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  };

  // Sorts places and not rows, so that equal ones keep their order; gaps stay last both ways.
  const sorted = (rows, key, down) => {
    const none = (x) => x === null || x === undefined || x === "";
    return rows
      .map((row, at) => [key(row), at, row])
      .sort((a, b) => {
        if (none(a[0]) || none(b[0])) return none(a[0]) - none(b[0]) || a[1] - b[1];
        return (down ? -compare(a[0], b[0]) : compare(a[0], b[0])) || a[1] - b[1];
      })
      .map((entry) => entry[2]);
  };

  const listing = (table, more, columns, start, first = STEP) => {
    const head = table.tHead, body = table.tBodies[0];
    const own = { rows: [], shown: first, order: [], by: start.by, down: start.down };
    const line = head.insertRow();
    let heads = [];
    const draw = () => {
      const column = columns()[own.by] || columns()[0];
      own.order = sorted(own.rows, column.key, own.down);
      heads.forEach((th, at) => {
        th.removeAttribute("aria-sort");
        if (at === own.by) th.setAttribute("aria-sort", own.down ? "descending" : "ascending");
      });
      const cells = columns();
      const part = document.createDocumentFragment();
      for (const row of own.order.slice(0, own.shown)) {
        const tr = document.createElement("tr");
        cells.forEach((column, at) => {
          const cell = at ? make("td", "", column.kind) : make("th", "", column.kind);
          if (!at) cell.scope = "row";
          column.fill(cell, row);
          tr.append(cell);
        });
        part.append(tr);
      }
      body.replaceChildren(part);
      more.replaceChildren();
      const rest = own.order.length - own.shown;
      if (rest > 0) {
        const next = make("button", `Show ${Math.min(rest, STEP)} more`);
        next.addEventListener("click", () => { own.shown += STEP; draw(); });
        const all = make("button", `Show all ${own.order.length}`);
        all.addEventListener("click", () => { own.shown = Infinity; draw(); });
        for (const button of [next, all]) { button.type = "button"; more.append(button); }
      }
    };
    own.heads = () => {
      line.replaceChildren();
      heads = columns().map((column, at) => {
        const th = make("th", "", column.kind);
        th.scope = "col";
        const button = make("button", column.name);
        button.type = "button";
        button.addEventListener("click", () => {
          own.down = own.by === at ? !own.down : Boolean(column.down);
          own.by = at;
          draw();
        });
        th.append(button);
        line.append(th);
        return th;
      });
    };
    own.show = (rows) => { own.rows = rows; own.shown = first; draw(); };
    own.draw = draw;
    own.heads();
    addEventListener("beforeprint", () => { own.kept = own.shown; own.shown = Infinity; draw(); });
    addEventListener("afterprint", () => { own.shown = own.kept; draw(); });
    return own;
  };

  // Tables that are there already sort their own rows.
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((th, at) => {
      const button = make("button", th.textContent);
      button.type = "button";
      th.replaceChildren(button);
      button.addEventListener("click", () => {
        const before = th.getAttribute("aria-sort");
        const down = before ? before === "ascending" : th.classList.contains("number");
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        th.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = (row) => {
          const text = row.cells[at].dataset.value || row.cells[at].textContent;
          return text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
        };
        table.tBodies[0].append(...sorted([...table.tBodies[0].rows], key, down));
      });
    });
  }

  // The tasks

  const seen = (task) => models[model].rows[task.at];
  const meter = (row, task) => {
    const track = make("div", "", "meter");
    track.setAttribute("aria-hidden", "true");
    const bar = make("span", "", row.win ? "won" : "");
    bar.style.width = Math.min(100, row.score) + "%";
    const best = make("i");
    best.style.left = `calc(${Math.min(100, task.sotaScore)}% - 1px)`;
    track.append(bar, best);
    return track;
  };
  const opener = (cell, task) => {
    const button = make("button", task.title, "open");
    button.type = "button";
    button.addEventListener("click", () => open(task));
    const kept = samplesOf(model, task).length;
    const note = `${task.id} · ${task.metric}` + (kept ? ` · ${kept} sample${kept > 1 ? "s" : ""}` : "");
    cell.append(button, make("small", note));
  };
  const spread = (row) => {
    if (row.range) return `${number(row.range[0])} to ${number(row.range[1])}`;
    return row.stderr === null ? "" : `± ${number(row.stderr)}`;
  };
  const columns = [
    { name: "Task", kind: "", key: (t) => t.title, fill: opener },
    { name: "Area", kind: "late", key: (t) => t.area, fill: (c, t) => { c.textContent = t.place; } },
    { name: "Value", kind: "number late", down: true, key: (t) => size(seen(t).value),
      fill: (c, t) => { c.append(withUnit(seen(t).value, t.unit)); if (spread(seen(t))) c.append(make("small", spread(seen(t)))); } },
    { name: "Specialist", kind: "number late", down: true, key: (t) => size(t.sota),
      fill: (c, t) => { c.textContent = withUnit(t.sota, t.unit); } },
    { name: "Score", kind: "number", down: true, key: (t) => (seen(t).state === 3 ? seen(t).score : null),
      fill: (c, t) => { const row = seen(t); c.append(row.state === 3 ? points(row.score) : "–", meter(row, t)); } },
    { name: "State", kind: "late", down: true, key: (t) => seen(t).state,
      fill: (c, t) => { const row = seen(t); c.append(STATES[row.state]); if (row.partial) c.append(make("small", "partial")); } },
    { name: "Win", kind: "", down: true, key: (t) => seen(t).win,
      fill: (c, t) => {
        const row = seen(t);
        c.append(make("span", row.win ? "won" : row.state === 3 ? "not won" : "–", row.win ? "yes" : "quiet"));
        if (row.chance !== null) c.append(make("small", share(row.chance)));
      } },
    { name: "Documents", kind: "number late", down: true, key: (t) => seen(t).n,
      fill: (c, t) => {
        const row = seen(t);
        c.append(row.n === null ? "–" : String(row.n));
        if (row.unparsed) c.append(make("small", share(row.unparsed) + " unreadable"));
      } },
  ];
  const list = listing($("task-table"), $("task-more"), () => columns, { by: 4, down: true });

  const filters = ["modality", "paradigm", "skill", "state", "win"];
  const filter = () => {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [modality, paradigm, skill, state, win] = filters.map((id) => $(id).value);
    const found = tasks.filter((task) => {
      const row = seen(task);
      return (!modality || task.modality === modality) && (!paradigm || task.paradigm === paradigm)
        && (!skill || task.skill === skill) && (state === "" || row.state === Number(state))
        && (win === "" || row.win === Number(win)) && (!$("sampled").checked || samplesOf(model, task).length)
        && words.every((word) => task.words.includes(word));
    });
    const won = found.filter((task) => seen(task).win).length;
    const scored = found.filter((task) => seen(task).state === 3).length;
    $("count").textContent = `${found.length} of ${tasks.length} tasks, ${scored} scored, ${won} won`;
    list.show(found);
  };
  $("filters").addEventListener("input", filter);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", () => setTimeout(filter));

  // One task and its samples

  const dialog = $("detail");
  let current = null;
  const fact = (list, name, value) => {
    const box = make("div");
    box.append(make("dt", name), make("dd", value));
    list.append(box);
  };
  const medium = (one) => {
    const figure = make("figure");
    const type = /^data:(image|audio|video)\//.exec(one.src);
    if (type) {
      const tag = { image: "img", audio: "audio", video: "video" }[type[1]];
      const element = make(tag);
      if (tag === "img") element.alt = `${one.kind} of the ${one.of}`;
      else { element.controls = true; element.preload = "metadata"; element.setAttribute("aria-label", `${one.kind} of the ${one.of}`); }
      element.src = one.src;
      figure.append(element);
    }
    figure.append(make("figcaption", (one.src ? "" : `${one.kind}, not shown: `) + one.name));
    return figure;
  };
  const block = (title, text, media) => {
    const box = make("div");
    box.append(make("h4", title));
    const pre = make("pre", text || "(nothing)");
    pre.dir = "auto";
    pre.tabIndex = 0;
    pre.setAttribute("role", "region");
    pre.setAttribute("aria-label", title);
    box.append(pre);
    if (media.length) {
      const row = make("div", "", "media");
      row.append(...media.map(medium));
      box.append(row);
    }
    return box;
  };
  const article = (one) => {
    const box = make("article", "", "sample");
    const head = make("h3");
    head.append(make("bdi", `Document ${one.id}`));
    for (const [name, text] of one.scores) head.append(make("span", `${name} ${text}`));
    if (one.unparsed) head.append(make("span", "reply not readable", "bad"));
    if (one.broken) head.append(make("span", "document is broken, does not count", "bad"));
    const of = (part) => one.media.filter((entry) => entry.of === part);
    const sides = make("div", "", "sides");
    sides.append(block("Reply", one.reply, of("reply")), block("Target", one.target, of("target")));
    box.append(head, block("Prompt", one.prompt, of("prompt")), sides);
    if (one.cut) box.append(block("Cut off before the reply was read", one.cut, []));
    return box;
  };
  const fill = (task) => {
    current = task;
    const row = seen(task);
    $("detail-title").textContent = task.title;
    const facts = make("dl");
    fact(facts, "Id", task.id);
    fact(facts, "Area", task.place);
    fact(facts, "Skill", data.skills[task.skill] || "–");
    fact(facts, "Metric", `${task.metric}, ${task.better} is better`);
    fact(facts, "Value", withUnit(row.value, task.unit) + (spread(row) ? ` (${spread(row)})` : ""));
    fact(facts, "Specialist", withUnit(task.sota, task.unit));
    fact(facts, "Score", `${points(row.score)}, specialist ${points(task.sotaScore)}`);
    fact(facts, "State", STATES[row.state] + (row.partial ? ", partial" : ""));
    fact(facts, "Won", (row.win ? "yes" : "no") + (row.chance === null ? "" : `, probability ${share(row.chance)}`));
    if (row.n !== null) fact(facts, "Documents", row.total !== null && row.total !== row.n ? `${row.n} of ${row.total}` : String(row.n));
    if (row.unparsed !== null) fact(facts, "Unreadable replies", share(row.unparsed));
    if (models.length > 1 && models.length <= 12)
      models.forEach((other, at) => { if (at !== model) fact(facts, other.name, withUnit(other.rows[task.at].value, task.unit) + (other.rows[task.at].win ? ", won" : "")); });
    const body = $("detail-body");
    body.replaceChildren(facts);
    const found = samplesOf(model, task);
    body.append(...found.map(article));
    if (!found.length) body.append(make("p", "No samples of this task are in the page.", "quiet"));
    const at = list.order.indexOf(task);
    $("before").disabled = at <= 0;
    $("after").disabled = at < 0 || at >= list.order.length - 1;
    dialog.scrollTop = 0;
  };
  const open = (task) => { fill(task); dialog.showModal(); };
  const step = (by) => { const next = list.order[list.order.indexOf(current) + by]; if (next) fill(next); };
  $("before").addEventListener("click", () => step(-1));
  $("after").addEventListener("click", () => step(1));
  $("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => {
    if (event.target.closest("pre, audio, video")) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });

  // The map of skills: one tab stop, arrow keys inside

  for (const figure of document.querySelectorAll("figure.skills")) {
    const cells = [...figure.querySelectorAll(".skill")];
    const readout = figure.querySelector(".readout");
    const hint = readout.textContent;
    const tell = (cell) => { readout.textContent = cell ? cell.getAttribute("aria-label") : hint; readout.classList.toggle("live", Boolean(cell)); };
    const choose = (cell) => {
      $("filters").reset();
      $("skill").value = cell.dataset.skill;
      filter();
      $("tasks").scrollIntoView();
      $("tasks").focus({ preventScroll: true });
    };
    const keys = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10, Home: -1e3, End: 1e3 };
    cells.forEach((cell, at) => {
      cell.setAttribute("role", "button");
      cell.setAttribute("tabindex", at ? "-1" : "0");
      cell.addEventListener("pointerenter", () => tell(cell));
      cell.addEventListener("pointerleave", () => tell(null));
      cell.addEventListener("focus", () => tell(cell));
      cell.addEventListener("blur", () => tell(null));
      cell.addEventListener("click", () => choose(cell));
      cell.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(cell); }
        if (!(event.key in keys)) return;
        event.preventDefault();
        const to = cells[Math.max(0, Math.min(cells.length - 1, at + keys[event.key]))];
        cell.setAttribute("tabindex", "-1");
        to.setAttribute("tabindex", "0");
        to.focus();
      });
    });
  }

  // Several models

  const sections = [...document.querySelectorAll("section.model")];
  const choose = (which) => {
    model = which;
    sections.forEach((section, at) => { section.hidden = at !== which; });
    for (const row of document.querySelectorAll("table.levels tbody tr")) row.classList.toggle("chosen", Number(row.dataset.model) === which);
    $("tasks-title").textContent = models.length > 1 ? `Tasks of ${models[which].name}` : "Tasks";
    filter();
  };
  if (models.length > 1) {
    $("model").addEventListener("change", () => choose(Number($("model").value)));
    for (const row of document.querySelectorAll("table.levels tbody tr")) {
      const cell = row.cells[0], name = cell.textContent;
      const button = make("button", name, "open");
      button.type = "button";
      button.addEventListener("click", () => { $("model").value = row.dataset.model; choose(Number(row.dataset.model)); });
      const bdi = make("bdi");
      bdi.append(button);
      cell.replaceChildren(bdi);
    }

    $("pair").hidden = false;
    const from = $("pair-from"), to = $("pair-to");
    models.forEach((one, at) => {
      for (const select of [from, to]) { const option = make("option", one.name); option.value = at; select.append(option); }
    });
    const best = [...document.querySelectorAll("table.levels tbody tr")].map((row) => row.dataset.model);
    from.value = best[1];
    to.value = best[0];
    if (data.pairs.length) [from.value, to.value] = data.pairs[0].of;
    const sides = () => [models[Number(from.value)], models[Number(to.value)]];
    const change = (task) => { const [a, b] = sides(); return b.rows[task.at].win - a.rows[task.at].win; };
    const worth = (which) => (t) => { const row = sides()[which].rows[t.at]; return row.state === 3 ? row.score : null; };
    const difference = (t) => { const [a, b] = [worth(0)(t), worth(1)(t)]; return a === null && b === null ? null : (b || 0) - (a || 0); };
    // A verdict holds whichever of the two is named first.
    const told = () => data.pairs.find(({ of }) => String(of) === `${from.value},${to.value}` || String(of) === `${to.value},${from.value}`);
    const test = (t) => { const pair = told(); return pair && Object.hasOwn(pair.tests, t.id) ? pair.tests[t.id] : null; };
    const chance = (p) => (p === null ? "–" : p < 0.001 ? "< 0.001" : p.toFixed(3));
    const tested = () => (!told() || !Object.keys(told().tests).length ? [] : [{
      name: "p", kind: "number late", key: (t) => (test(t) ? test(t)[3] : null),
      fill: (c, t) => {
        const found = test(t);
        c.append(found ? chance(found[3]) : "–");
        if (found) c.append(make("small", `${found[0]}, ${chance(found[2])} before Holm`));
      },
    }]);
    const signed = (value) => (value === null ? "–" : (value > 0 ? "+" : value < 0 ? "−" : "±") + points(Math.abs(value)));
    const each = (which) => ({
      name: which ? "To" : "From", kind: which ? "number" : "number late", down: true, key: worth(which),
      fill: (c, t) => {
        const row = sides()[which].rows[t.at];
        c.append(row.state === 3 ? points(row.score) : "–");
        c.append(make("small", row.win ? "won" : STATES[row.state] === "scored" ? "not won" : STATES[row.state]));
      },
    });
    const others = () => (models.length > 6 ? [] : models.map((one) => ({
      name: one.name, kind: "number late", down: true,
      key: (t) => (one.rows[t.at].state === 3 ? one.rows[t.at].score : null),
      fill: (c, t) => { const row = one.rows[t.at]; c.append(row.state === 3 ? points(row.score) : "–"); if (row.win) c.append(make("small", "won")); },
    })).filter((_, at) => at !== Number(from.value) && at !== Number(to.value)));
    const pair = listing($("pair-tasks"), $("pair-more"), () => [
      { name: "Task", kind: "", key: (t) => t.title, fill: opener },
      { name: "Area", kind: "late", key: (t) => t.area, fill: (c, t) => { c.textContent = t.place; } },
      each(0), each(1),
      { name: "Change", kind: "number", down: true, key: difference,
        fill: (c, t) => {
          c.append(signed(difference(t)));
          const moved = change(t);
          if (moved) c.append(make("small", moved > 0 ? "gained" : "lost", moved > 0 ? "good" : "bad"));
        } },
      { name: "Specialist", kind: "number late", down: true, key: (t) => t.sotaScore, fill: (c, t) => { c.textContent = points(t.sotaScore); } },
      ...tested(),
      ...others(),
    ], { by: 4, down: true }, 10);
    const line = $("pair-areas").tHead.insertRow();
    ["Area", "Gained", "Lost", "Won before", "Won now"].forEach((name, at) => {
      const th = make("th", name, at ? "number" : "");
      th.scope = "col";
      line.append(th);
    });
    const redraw = () => {
      const [a, b] = sides();
      const gained = tasks.filter((t) => change(t) > 0), lost = tasks.filter((t) => change(t) < 0);
      $("pair-sum").textContent = from.value === to.value
        ? "Choose two different models."
        : `${b.name} wins ${gained.length} task${gained.length === 1 ? "" : "s"} that ${a.name} does not, and loses ${lost.length}.`;
      $("pair-verdict").textContent = told() ? told().verdict : "";
      const rows = data.areas.map(([, , name], area) => {
        const inside = tasks.filter((t) => t.area === area);
        const count = (test) => inside.filter(test).length;
        const tr = document.createElement("tr");
        const th = make("th", name);
        th.scope = "row";
        const numbers = [count((t) => change(t) > 0), count((t) => change(t) < 0), count((t) => a.rows[t.at].win), count((t) => b.rows[t.at].win)];
        tr.append(th, ...numbers.map((n, at) => make("td", n && at < 2 ? (at ? "−" : "+") + n : String(n), "number" + (n && at < 2 ? (at ? " bad" : " good") : ""))));
        return tr;
      });
      $("pair-areas").tBodies[0].replaceChildren(...rows);
      const show = $("pair-show").value;
      pair.heads();
      pair.show(show === "all" ? tasks.filter((t) => difference(t) !== null || test(t))
        : tasks.filter((t) => (show !== "lost" && change(t) > 0) || (show !== "gained" && change(t) < 0)));
    };
    for (const id of ["pair-from", "pair-to", "pair-show"]) $(id).addEventListener("change", redraw);
    redraw();
  }

  // Light and dark

  const themes = ["auto", "light", "dark"];
  const theme = $("theme");
  const dress = (which) => {
    theme.textContent = `Theme: ${which}`;
    if (which === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = which;
  };
  let kept = "auto";
  try { kept = localStorage.getItem("generalbench-theme") || "auto"; } catch { /* a page without storage */ }
  let chosen = Math.max(0, themes.indexOf(kept));
  theme.hidden = false;
  dress(themes[chosen]);
  theme.addEventListener("click", () => {
    chosen = (chosen + 1) % themes.length;
    dress(themes[chosen]);
    try { localStorage.setItem("generalbench-theme", themes[chosen]); } catch { /* not kept then */ }
  });

  choose(0);
})();
