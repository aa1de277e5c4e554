// Prices of designs from counts and constants. Pure: no page, no clock, no chance.
"use strict";
const Pricing = (() => {
  function bytes(text) {
    const raw = atob(text), out = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out.buffer;
  }
  // one column as it was packed: constant, values, dictionary, or bytes
  function column(p, rows) {
    if ("c" in p) return new Float64Array(rows).fill(p.c);
    if ("v" in p) return Float64Array.from(p.v);
    if ("b" in p) return new Float64Array(bytes(p.b));
    const places = p.w === 1 ? new Uint8Array(bytes(p.i)) : new Uint16Array(bytes(p.i));
    const out = new Float64Array(rows);
    for (let i = 0; i < rows; i++) out[i] = p.d[places[i]];
    return out;
  }
  function table(packed, rows) {
    const found = [];
    for (const p of packed) {
      if (!("l" in p)) { found.push(column(p, rows)); continue; }
      const out = new Float64Array(rows);
      for (const [k, f] of p.l) for (let i = 0; i < rows; i++) out[i] += f * found[k][i];
      found.push(out);
    }
    return found;
  }
  function chip(c) {
    const columns = table(c.columns, c.rows);
    const heads = c.heads.map(([part, of, factors], k) => ({ part, of, factors, data: columns[k] }));
    const layers = Math.max(0, ...heads.filter((h) => h.part === "l").map((h) => h.of + 1));
    return {
      name: c.name, rows: c.rows, heads, layers, sleep: c.sleep, wake: c.wake,
      batch: column(c.batch, c.rows), timed: column(c.timed, c.rows),
      factors: c.constants.map((k) => k.factor), published: c.constants.map((k) => k.value),
    };
  }
  function product(factors, si) {
    let x = 1;
    for (const [i, e] of factors) x = e > 0 ? x * si[i] : x / si[i];
    return x;
  }
  // Price all rows of a chip, or one (`only`). values: constants in their units; settings: {batch, every}, null
  // for the design's own and for back to back. Returns totals [J], latencies [s] and, if asked, terms [J].
  function price(c, values, settings, only = -1, wanted = null) {
    const si = values.map((v, i) => v * c.factors[i]);
    const from = only < 0 ? 0 : only, to = only < 0 ? c.rows : only + 1, n = to - from;
    const total = new Float64Array(n), time = new Float64Array(n), idle = new Float64Array(n);
    const slow = c.layers ? Array.from({ length: c.layers }, () => new Float64Array(n)) : [];
    const { batch, every } = settings;
    const share = (i) => 1 / (batch === null ? c.batch[i] : batch);
    for (const h of c.heads) {
      if (h.part !== "f" && h.part !== "h" && h.part !== "l") continue;
      const x = product(h.factors, si), into = h.part === "l" ? slow[h.of] : time;
      for (let i = from; i < to; i++) into[i - from] += h.data[i] * x * (h.part === "h" ? share(i) : 1);
    }
    for (let i = 0; i < n; i++) {
      let most = 0;
      for (const s of slow) most = Math.max(most, s[i]);
      time[i] = c.timed[i + from] ? time[i] + most : NaN;
    }
    const add = (term, factors, i, energy) => {
      total[i] += energy;
      if (wanted) wanted.push({ term, factors, energy });
    };
    for (const h of c.heads) {
      if (h.part !== "e" && h.part !== "s" && h.part !== "p") continue;
      const x = product(h.factors, si), power = h.part === "p", shared = h.part === "s";
      for (let i = from; i < to; i++) {
        const number = h.data[i];
        if (number === 0) continue;
        const energy = number * x * (power ? time[i - from] : shared ? share(i) : 1);
        if (wanted) add(h.of, h.factors, i - from, energy); else total[i - from] += energy;
        if (power && h.of === "static") idle[i - from] += number * x;
      }
    }
    if (every !== null) {
      const kept = c.sleep < 0 ? 1 : si[c.sleep], wake = c.wake < 0 ? 0 : si[c.wake];
      for (let i = 0; i < n; i++) {
        if (Number.isNaN(time[i])) continue;
        const rest = every - time[i];
        if (rest < -1e-9 * time[i]) { total[i] = NaN; continue; }
        if (rest <= 0) continue;
        add("idle", c.sleep < 0 ? [] : [[c.sleep, 1]], i, idle[i] * rest * kept);
        if (wake) add("idle", [[c.wake, 1]], i, wake);
      }
    }
    return { total, time };
  }
  return { chip, column, table, price, product };
})();
if (typeof module !== "undefined") module.exports = Pricing;
