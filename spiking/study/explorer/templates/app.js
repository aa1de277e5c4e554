// The page: state, what follows from it, and the pictures.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const n = data.points.number, col = (name) => Pricing.column(data.points[name], n);
  const words = (name) => { const at = Pricing.column(data.points[name].at, n); return (i) => data.points[name].words[at[i]]; };
  const P = { chip: col("chip"), model: col("model"), form: col("form"), silent: col("silent"), accuracy: col("accuracy"), low: col("low"), high: col("high"), built: col("built"), rate: col("rate"), words: words("words"), lacks: words("lacks") };
  const chips = data.chips.map(Pricing.chip), models = data.models;
  const { si, percent, digits, html } = Draw;
  const everyone = Array.from({ length: n }, (_, i) => i);
  const spiking = (i) => models[P.model[i]].spiking;
  const chipsOf = (kind) => [...new Set(everyone.filter((i) => spiking(i) === kind).map((i) => P.chip[i]))];
  const snnChips = chipsOf(true), mlpChips = chipsOf(false), both = snnChips.filter((c) => mlpChips.includes(c));
  const tried = everyone.some((i) => !P.built[i]), nodes = [...new Set(data.chips.flatMap((c) => Object.keys(c.nodes)))];
  const start = { s: String(both[0] ?? snnChips[0] ?? -1), m: String(both[0] ?? mlpChips[0] ?? -1), d: "built", a: "1", b: null, e: data.every === null ? null : String(data.every), node: "45", ps: null, pm: null };
  const state = { start, plain: { ...start }, prices: {} };

  // prices: what a slider was moved to, else the node's, else the published one
  function settled(c) {
    const chip = data.chips[c], other = chip.nodes[state.plain.node];
    const base = other ? other.values : chips[c].published;
    const bands = chip.constants.map((k, i) => (other ? other.bands[i] : [k.low, k.high]));
    const values = base.map((v, i) => state.prices[`${c}.${chip.constants[i].name}`] ?? v);
    return { chip: chips[c], constants: chip.constants, values, bands: bands.map(([l, h], i) => [Math.min(l, values[i]), Math.max(h, values[i])]), base, words: other ? other.words : "" };
  }
  const settings = () => ({ batch: state.plain.b === null ? null : Number(state.plain.b), every: state.plain.e === null ? null : Number(state.plain.e) });

  function compute() {
    const sides = chips.map((_, c) => settled(c)), how = settings();
    const whole = sides.map((s) => Pricing.price(s.chip, s.values, how));
    // a clock or a rate that is low takes longer and costs more: each price goes to the end that costs more
    const ends = [0, 1].map((end) => sides.map((s) => {
      const at = s.values.map((_, i) => s.bands[i][slower(s, i) ? 1 - end : end]);
      return Pricing.price(s.chip, at, how).total;
    }));
    const get = (of) => Float64Array.from(everyone, (i) => of(i, P.chip[i], P.form[i]));
    const energy = get((i, c, f) => whole[c].total[f]), time = get((i, c, f) => whole[c].time[f]);
    return { sides, how, energy, time, low: get((i, c, f) => ends[0][c][f]), high: get((i, c, f) => ends[1][c][f]), bound: Array.from(everyone, (i) => P.lacks(i) !== "") };
  }
  const slowed = new Map();
  function slower(side, i) { // a constant that only divides: more of it costs less
    const key = side.chip.name + "\0" + i;
    if (!slowed.has(key)) {
      const uses = side.chip.heads.flatMap((h) => h.factors).filter(([k]) => k === i);
      slowed.set(key, uses.length > 0 && uses.some(([, e]) => e < 0));
    }
    return slowed.get(key);
  }

  const shownOf = () => everyone.filter((i) => (state.plain.d === "both" || (state.plain.d === "built") === Boolean(P.built[i])) && (spiking(i) ? P.chip[i] === Number(state.plain.s) : P.chip[i] === Number(state.plain.m)));
  function best(list, now, floor) {
    const good = list.filter((i) => now.energy[i] > 0 && P.accuracy[i] >= floor - 1e-9);
    const pool = good.length ? good : list.filter((i) => now.energy[i] > 0).sort((a, b) => P.accuracy[b] - P.accuracy[a]).slice(0, 1);
    return pool.reduce((a, b) => (a < 0 || now.energy[b] < now.energy[a] ? b : a), -1);
  }
  function chosen(shown, now) {
    const mlps = shown.filter((i) => !spiking(i)), snns = shown.filter(spiking), margin = Number(state.plain.a) / 100;
    const top = Math.max(...(mlps.length ? mlps : snns).map((i) => P.accuracy[i]));
    const hand = (key, list) => (state.plain[key] !== null && list.includes(Number(state.plain[key])) && now.energy[Number(state.plain[key])] > 0 ? Number(state.plain[key]) : -1);
    const mlp = hand("pm", mlps) >= 0 ? hand("pm", mlps) : best(mlps, now, top - margin);
    const floor = (mlp >= 0 && hand("pm", mlps) >= 0 ? P.accuracy[mlp] : top) - margin;
    const snn = hand("ps", snns) >= 0 ? hand("ps", snns) : best(snns, now, floor);
    return { snn, mlp, near: snn < 0 || P.accuracy[snn] >= floor - 1e-9 };
  }
  const name = (i, now) => `${models[P.model[i]].label} on ${data.chips[P.chip[i]].name}, ${P.words(i)}: ${percent(P.accuracy[i])}, ${now.bound[i] ? "at least " : ""}${si(now.energy[i], "J")}`;

  function render() {
    const now = compute(), shown = shownOf(), priced = shown.filter((i) => now.energy[i] > 0), who = chosen(shown, now);
    const at = Object.fromEntries(["energy", "low", "high"].map((k) => [k, now[k]]));
    const list = priced.map((i) => i), kept = Verdict.front(list.map((i) => now.energy[i]), list.map((i) => P.accuracy[i]), list.map((i) => now.bound[i]));
    const front = new Set([...kept].map((k) => list[k])), picked = [who.snn, who.mlp].filter((i) => i >= 0);
    Charts.front(byId("front"), { ...at, shown: priced, accuracy: P.accuracy, accLow: P.low, accHigh: P.high, model: P.model, models, front, picked, bound: now.bound, pick, name: (i) => name(i, now) });
    const late = shown.length - priced.length;
    byId("front-words").textContent = `${priced.length} designs${late ? `; ${late} take longer than the time between two inferences` : ""}. Ringed: the two that are compared, the cheapest of each kind within ${state.plain.a} point${state.plain.a === "1" ? "" : "s"} of the best MLP; click another to compare it instead. Faint: another is as accurate for less. Bars: published ranges of the prices, and 95 % interval of the accuracy.`;
    pair(now, who);
    table(now, priced, front, picked);
    for (const c of shownControls) c(now);
    const hash = Controls.write(state);
    history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
    last = { now, priced, who };
  }
  let last = null, shownControls = [];

  function pair(now, { snn, mlp, near }) {
    const one = snn >= 0 && mlp >= 0;
    for (const id of ["even", "tornado"]) if (!one) byId(id).replaceChildren();
    if (!one) {
      const only = Math.max(snn, mlp);
      byId("verdict").textContent = only < 0 ? "No design can keep up with these settings." : `Only one kind of network is priced here: ${name(only, now)}.`;
      byId("verdict-more").textContent = byId("even-words").textContent = byId("tornado-words").textContent = "";
      if (only >= 0) showBill(now, only);
      return;
    }
    const side = (i) => ({ ...now.sides[P.chip[i]], row: P.form[i] });
    const s = side(snn), m = side(mlp), r = now.energy[snn] / now.energy[mlp];
    const low = Verdict.extreme(s, m, now.how, -1), high = Verdict.extreme(s, m, now.how, +1);
    const board = (i) => data.chips[P.chip[i]].model === "system";
    const lack = (i, other) => [P.lacks(i), board(other) && !board(i) ? "the rest of the board" : ""].filter(Boolean).join("; ");
    const lacks = [lack(snn, mlp), lack(mlp, snn)], word = Verdict.word(low, high, ...lacks);
    const said = r < 1 ? `The spiking network costs ${digits(r, 2)} times what the MLP does` : `The spiking network costs ${digits(r, 2)} times as much as the MLP`;
    byId("verdict").textContent = `${said}, ${digits(low, 2)} to ${digits(high, 2)} over the published ranges: ${word === "undecided" ? "undecided" : word === "SNN" ? "the spiking network costs less" : "the MLP costs less"}.${near ? "" : " It loses more accuracy than allowed."}`;
    const lacking = lacks.map((l, k) => (l ? `The bill of the ${k ? "MLP" : "spiking network"} is a lower bound: it lacks ${l}. ` : "")).join("");
    byId("verdict-more").textContent = `${name(snn, now)}. ${name(mlp, now)}. ${lacking}`;
    tornado(now, s, m, r);
    even(now, snn, mlp);
    showBill(now, state.bill ?? snn);
  }
  function tornado(now, s, m, r) {
    const apart = s.chip.name !== m.chip.name;
    const rows = Verdict.tornado(s, m, now.how).map((row) => ({ ...row, label: row.name.replaceAll("_", " ") + (apart ? (row.chip === s.chip.name ? " (S)" : " (M)") : "") }));
    const choices = [];
    const other = (label, change) => {
      const kept = { ...state.plain }; Object.assign(state.plain, change);
      const sides = [s, m].map((x) => ({ ...settled(chips.indexOf(x.chip)), row: x.row }));
      const ratio = Verdict.ratio(...sides, settings());
      state.plain = kept;
      if (ratio > 0 && Math.abs(ratio / r - 1) > 5e-4) choices.push({ label, atLow: ratio, atHigh: r, name: label, swing: Math.max(ratio / r, r / ratio), flips: (ratio < 1) !== (r < 1), choice: true });
    };
    for (const b of [1, 16]) if (String(b) !== state.plain.b) other(`batch ${b}`, { b: String(b) });
    for (const node of ["45", ...nodes]) if (node !== state.plain.node && nodes.length) other(`${node} nm`, { node });
    const all = [...rows, ...choices].sort((a, b) => b.swing - a.swing), flips = all.filter((x) => x.flips);
    Charts.tornado(byId("tornado"), r, all, (x) => (x.choice ? `${x.label}: ratio ${digits(x.atLow)}` : `${x.name} of ${x.chip} from ${digits(x.low)} to ${digits(x.high)}: ratio ${digits(x.atLow)} to ${digits(x.atHigh)}`));
    byId("tornado-words").textContent = (flips.length ? `⚑ Alone, each of these changes who costs less: ${flips.map((x) => x.label).join(", ")}.` : "No price within its range, and no other batch or node, alone changes who costs less.") + " Bars: the ratio with one price at the low (light) and the high end (dark) of its range." + (apart ? " (S), (M): the chip of the spiking network, of the MLP." : "");
  }
  function even(now, snn, mlp) {
    const words = byId("even-words"), quietRow = P.silent[snn];
    if (quietRow < 0) { words.textContent = "Not computed for so many designs."; byId("even").replaceChildren(); return; }
    const c = P.chip[snn], quiet = Pricing.price(chips[c], now.sides[c].values, now.how, quietRow).total[0];
    const rate = P.rate[snn], busy = now.energy[snn], cost = now.energy[mlp], at = Verdict.even(quiet, busy, rate, cost);
    words.textContent = at > 0 && busy > quiet
      ? `Break-even at ${digits(at)} spikes per neuron and inference; the network takes ${digits(rate)}. Left of it the spiking network costs less.`
      : `No number of spikes breaks even: without a single one the spiking network costs ${si(quiet, "J")}, the MLP ${si(cost, "J")}.`;
    if (rate > 0 && busy > 0 && quiet >= 0) Charts.even(byId("even"), { rate, quiet, busy, mlp: cost, at, label: models[P.model[snn]].label });
  }
  function showBill(now, i) {
    const c = P.chip[i], parts = [];
    const total = Pricing.price(chips[c], now.sides[c].values, now.how, P.form[i], parts).total[0];
    const sums = new Map();
    for (const p of parts) {
      const constant = p.factors.map(([k, e]) => (e > 0 ? "" : "per ") + data.chips[c].constants[k].name.replaceAll("_", " ")).join(" × ");
      const term = p.term.replaceAll("_", " "), key = term + "\0" + constant, old = sums.get(key);
      sums.set(key, { term, constant, energy: (old ? old.energy : 0) + p.energy });
    }
    const rows = [...sums.values()].sort((a, b) => b.energy - a.energy);
    const time = Pricing.price(chips[c], now.sides[c].values, now.how, P.form[i]).time[0];
    byId("bill-words").textContent = `${name(i, now)}; time of an inference ${si(time, "s")}. Click a design, in the picture or in the table, to see its terms.`;
    Charts.bill(byId("bill"), rows, total, time);
  }
  function pick(i) {
    const key = spiking(i) ? "ps" : "pm";
    state.plain[key] = state.plain[key] === String(i) ? null : String(i);
    state.bill = i;
    render();
  }
  const MOST = 300;
  function table(now, priced, front, picked) {
    const order = [...priced].sort((a, b) => now.energy[a] - now.energy[b]);
    const rows = order.slice(0, MOST).map((i) => {
      const kind = [picked.includes(i) ? "pick" : "", front.has(i) ? "" : "beaten"].join(" ").trim();
      const row = html("tr", { tabindex: 0, class: kind || null, "aria-selected": picked.includes(i) ? "true" : null },
        html("td", {}, models[P.model[i]].label), html("td", {}, P.words(i)), html("td", {}, data.chips[P.chip[i]].name), html("td", { class: "n" }, percent(P.accuracy[i]) + (P.built[i] ? "" : " (validation)")),
        html("td", { class: "n" }, `${now.bound[i] ? "≥ " : ""}${si(now.energy[i], "J")} (${si(now.low[i], "J", 2)} to ${si(now.high[i], "J", 2)})`), html("td", { class: "n" }, si(now.time[i], "s")));
      row.addEventListener("click", () => pick(i));
      row.addEventListener("keydown", (e) => { if (e.key === "Enter") pick(i); });
      return row;
    });
    byId("table").tBodies[0].replaceChildren(...rows);
    byId("table-words").textContent = `The cheapest ${rows.length} of ${n} designs at the prices set above. ≥: a lower bound, for something has no published price. Grey: another is as accurate for less.`;
  }

  // --- controls
  function build() {
    const who = byId("who"), use = byId("use");
    who.replaceChildren(); use.replaceChildren(); shownControls = [];
    const keep = (key) => (v) => { state.plain[key] = v; state.plain.ps = state.plain.pm = null; state.bill = null; build(); };
    const chipList = (list) => list.map((c) => [c, data.chips[c].name]);
    if (snnChips.length) who.append(Controls.choice("snn-chip", "Spiking network on", chipList(snnChips), state.plain.s, keep("s")).row);
    if (mlpChips.length) who.append(Controls.choice("mlp-chip", "MLP on", chipList(mlpChips), state.plain.m, keep("m")).row);
    if (tried) who.append(Controls.choice("designs", "Designs", [["built", "as built (test samples)"], ["tried", "all tried (validation)"], ["both", "both"]], state.plain.d, keep("d")).row);
    const margins = ["0", "0.5", "1", "2", "5", "100"];
    who.append(Controls.choice("margin", "Accuracy it may lose", margins.map((m) => [m, m === "100" ? "any" : m + (m === "1" ? " point" : " points")]), state.plain.a, keep("a")).row);
    if (nodes.length) use.append(Controls.choice("node", "Node of the 45 nm machine", [["45", "45 nm"], ...nodes.sort((a, b) => b - a).map((v) => [v, v + " nm"])], state.plain.node, (v) => { state.plain.node = v; build(); }).row);
    optional(use, "b", "Inferences that share weights", "batch of the MLP", 1, 64, 1, "", "as designed", (v) => String(Math.max(1, Math.round(v))));
    optional(use, "e", "Time between inferences", "idle power is paid in between", 1e-7, 100, 0.01, "s", "back to back", (v) => String(Number(v.toPrecision(4))));
    prices();
    legend();
    render();
  }
  function optional(into, key, label, from, low, high, first, unit, off, round) {
    const on = state.plain[key] !== null;
    const box = html("input", { type: "checkbox", id: "on-" + key });
    box.checked = on;
    box.addEventListener("change", () => { state.plain[key] = box.checked ? round(first) : null; build(); });
    into.append(html("div", { class: "row" }, html("label", { for: "on-" + key }, label), html("span", {}, box, on ? "" : " " + off)));
    if (!on) return;
    const s = Controls.slider({ id: "set-" + key, label: from, low, high, value: Number(state.plain[key]), unit, changed: (v) => { if (v !== null) state.plain[key] = round(v); later(); } });
    into.append(s.row);
    shownControls.push(() => s.show(Number(state.plain[key]), Number(state.plain[key])));
  }
  function prices() {
    const used = [...new Set([state.plain.s, state.plain.m].map(Number).filter((c) => c >= 0))];
    const now = compute(), who = chosen(shownOf(), now), first = new Map();
    if (who.snn >= 0 && who.mlp >= 0) {
      const side = (i) => ({ ...now.sides[P.chip[i]], row: P.form[i] });
      Verdict.tornado(side(who.snn), side(who.mlp), now.how).forEach((r) => first.set(r.chip + "\0" + r.name, r.swing));
    }
    const rows = [];
    for (const c of used) data.chips[c].constants.forEach((k, i) => rows.push({ c, i, k, weight: first.get(data.chips[c].name + "\0" + k.name) || 0 }));
    rows.sort((a, b) => b.weight - a.weight);
    byId("prices").replaceChildren(); byId("more-prices").replaceChildren();
    rows.forEach(({ c, i, k }, at) => {
      const side = now.sides[c], [low, high] = side.bands[i], base = side.base[i], open = low < high;
      if (!(base > 0)) return;
      const source = `${used.length > 1 ? data.chips[c].name + "; " : ""}${open ? `${digits(low)} to ${digits(high)} ${k.unit}` : "no range published: a third to three times, to try"}; ${k.source}${k.where ? ", " + k.where : ""} (${k.kind})${side.words && data.chips[c].nodes[state.plain.node] ? "; " + side.words : ""}`;
      const key = `${c}.${k.name}`;
      const s = Controls.slider({ id: `p-${c}-${i}`, label: k.name.replaceAll("_", " "), low: open ? Math.max(low, high * 1e-4) : base / 3, high: open ? high : base * 3, value: base, unit: k.unit, from: source,
        changed: (v) => { if (v !== null) state.prices[key] = v; later(); } });
      byId(at < 8 ? "prices" : "more-prices").append(s.row);
      shownControls.push((x) => s.show(x.sides[c].values[i], base));
    });
    byId("rest").hidden = rows.length <= 8;
  }
  function legend() {
    const used = new Set(shownOf().map((i) => P.model[i]));
    byId("legend").replaceChildren(...models.filter((_, k) => used.has(k)).map((m) => html("span", {}, Draw.svg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" }, Draw.svg("path", { d: Draw.shape(m.marker, 6), fill: Draw.tone(m.colour) })), m.label)));
  }
  let waiting = false;
  function later() { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; render(); }); } }

  // --- copies
  function clip(text, what) {
    const done = () => { byId("said").textContent = what + " copied"; };
    const area = byId("clip");
    const old = () => { area.hidden = false; area.value = text; area.select(); document.execCommand("copy"); area.hidden = true; done(); };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, old); else old();
  }
  const records = () => last.priced.map((i) => ({ network: models[P.model[i]].name, design: P.words(i), chip: data.chips[P.chip[i]].name, accuracy: P.accuracy[i], stage: P.built[i] ? "test" : "validation", energy_J: last.now.energy[i], energy_low_J: last.now.low[i], energy_high_J: last.now.high[i], time_s: last.now.time[i], lower_bound: last.now.bound[i] }));
  const cell = (v) => { const t = Number.isNaN(v) ? "" : String(v); const safe = /^[=+\-@\t\r]/.test(t) && typeof v === "string" ? "'" + t : t; return /[",\n\r;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe; };
  byId("csv").addEventListener("click", () => { const rows = records(), keys = Object.keys(rows[0] || {}); clip([keys.join(","), ...rows.map((r) => keys.map((k) => cell(r[k])).join(","))].join("\n"), "CSV"); });
  byId("json").addEventListener("click", () => clip(JSON.stringify({ settings: { ...state.plain, prices: state.prices }, designs: records() }, (k, v) => (typeof v === "number" && !Number.isFinite(v) ? null : v), 1), "JSON"));
  byId("link").addEventListener("click", () => clip(location.href, "Link"));
  byId("print").addEventListener("click", () => window.print());
  byId("reset").addEventListener("click", () => { state.plain = { ...start }; state.prices = {}; state.bill = null; build(); });
  function load() {
    const { plain, prices: moved } = Controls.read(location.hash), next = { ...start };
    const fine = { s: (v) => snnChips.includes(Number(v)), m: (v) => mlpChips.includes(Number(v)), d: (v) => ["built", "tried", "both"].includes(v), a: (v) => Draw.typed(v) >= 0, b: (v) => Draw.typed(v) >= 1, e: (v) => Draw.typed(v) > 0, node: (v) => v === "45" || nodes.includes(v), ps: (v) => Draw.typed(v) < n, pm: (v) => Draw.typed(v) < n };
    for (const [k, v] of Object.entries(plain)) if (fine[k] && fine[k](v)) next[k] = v;
    state.plain = next; state.prices = moved; state.bill = null;
  }
  window.addEventListener("hashchange", () => { load(); build(); });
  byId("main").hidden = byId("actions").hidden = false;
  load();
  build();
})();
