// Who costs less, how far the prices may move, and what flips the answer. Pure, on top of Pricing.
"use strict";
const Verdict = (() => {
  // indices of the points that no other beats in both; a lower bound beats nobody
  function front(energy, accuracy, bound) {
    const order = Array.from(energy.keys()).filter((i) => energy[i] > 0);
    order.sort((a, b) => energy[a] - energy[b] || accuracy[b] - accuracy[a]);
    const kept = new Set();
    let best = -Infinity;
    for (const i of order) {
      if (accuracy[i] > best) kept.add(i);
      if (!bound[i]) best = Math.max(best, accuracy[i]);
    }
    return kept;
  }
  // energy of one point; side: {chip (prepared), row, values}
  const energy = (side, settings, values = side.values) =>
    Pricing.price(side.chip, values, settings, side.row).total[0];
  function ratio(snn, mlp, settings, values = null) {
    return energy(snn, settings, values ? values(snn) : snn.values) / energy(mlp, settings, values ? values(mlp) : mlp.values);
  }
  const levers = (side) => side.constants.map((c, i) => ({ chip: side.chip.name, name: c.name, i, low: side.bands[i][0], high: side.bands[i][1] }));
  function all(snn, mlp) {
    const found = levers(snn);
    if (mlp.chip.name !== snn.chip.name) found.push(...levers(mlp));
    return found.filter((l) => l.low < l.high);
  }
  const moved = (sides, lever, value) => (side) => {
    if (side.chip.name !== lever.chip) return side.values;
    const out = side.values.slice();
    out[lever.i] = value;
    return out;
  };
  // least and greatest ratio while every price takes any place in its band: one price after the other to the
  // better end until none moves (a quotient of sums of the prices has no other summit to stop at)
  function extreme(snn, mlp, settings, sign) {
    const s = { ...snn, values: snn.values.slice() }, m = snn.chip.name === mlp.chip.name
      ? { ...mlp, values: s.values } : { ...mlp, values: mlp.values.slice() };
    let best = ratio(s, m, settings);
    const found = all(snn, mlp);
    for (let round = 0; round < 20; round++) {
      let changed = false;
      for (const lever of found) {
        const values = s.chip.name === lever.chip ? s.values : m.values;
        const old = values[lever.i];
        for (const end of [lever.low, lever.high]) {
          const before = values[lever.i];
          values[lever.i] = end;
          const r = ratio(s, m, settings);
          if (sign * r > sign * best * (1 + sign * 1e-12)) { best = r; changed = true; } else values[lever.i] = before;
        }
        if (values[lever.i] !== old) changed = true;
      }
      if (!changed) break;
    }
    return best;
  }
  function tornado(snn, mlp, settings) {
    const now = ratio(snn, mlp, settings);
    const rows = all(snn, mlp).map((lever) => {
      const ends = [lever.low, lever.high].map((v) => ratio(snn, mlp, settings, moved([snn, mlp], lever, v)));
      return { ...lever, atLow: ends[0], atHigh: ends[1], swing: Math.max(...ends) / Math.min(...ends) };
    });
    for (const r of rows) r.flips = Math.min(r.atLow, r.atHigh, now) < 1 && Math.max(r.atLow, r.atHigh, now) > 1;
    return rows.filter((r) => r.swing > 1.0005).sort((a, b) => b.swing - a.swing);
  }
  // the word that a range allows; what a bill lacks can only make its side dearer
  function word(low, high, snnLacks, mlpLacks) {
    if (high < 1 && !snnLacks) return "SNN";
    if (low > 1 && !mlpLacks) return "MLP";
    return "undecided";
  }
  // spikes per neuron at which both cost the same, where silence costs `quiet` and `rate` spikes cost `busy`
  const even = (quiet, busy, rate, mlp) => rate * (mlp - quiet) / (busy - quiet);
  return { front, energy, ratio, extreme, tornado, word, even };
})();
if (typeof module !== "undefined") module.exports = Verdict;
