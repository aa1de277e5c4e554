// The pictures: front, break-even, tornado, bill. Each draws into one element from what app.js computed.
"use strict";
const Charts = (() => {
  const { svg, html, si, digits, percent } = Draw;
  const MANY = 2000; // points above which they are drawn on a canvas
  function frame(width, height, words) {
    return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words });
  }
  function axes(root, box, x, y, xTicks, yTicks, xWords, yWords) {
    const [l, t, r, b] = box;
    for (const [v, text] of xTicks) root.append(
      svg("line", { class: "grid", x1: x(v), x2: x(v), y1: t, y2: b }),
      svg("text", { class: "soft", x: x(v), y: b + 16, "text-anchor": "middle" }, text));
    for (const [v, text] of yTicks) root.append(
      svg("line", { class: "grid", x1: l, x2: r, y1: y(v), y2: y(v) }),
      svg("text", { class: "soft", x: l - 6, y: y(v) + 4, "text-anchor": "end" }, text));
    root.append(svg("line", { class: "axis", x1: l, x2: r, y1: b, y2: b }),
      svg("text", { x: (l + r) / 2, y: b + 34, "text-anchor": "middle" }, xWords),
      svg("text", { x: l - 6, y: t - 8, "text-anchor": "start" }, yWords));
  }
  function ends(values, pad) {
    let low = Infinity, high = 0;
    for (const v of values) if (v > 0 && Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
    if (!(high > 0)) return [1e-9, 1e-6];
    return [low / pad, high * pad];
  }
  // view: {shown, energy, low, high, accuracy, accLow, accHigh, model, models, front, picked, bound, pick(i), name(i)}
  function front(place, view) {
    const W = 820, H = 360, box = [58, 34, W - 18, H - 44];
    const range = (i) => [view.low[i], view.high[i]];
    const spread = view.shown.flatMap((i) => (view.front.has(i) || view.picked.includes(i) ? range(i) : [view.energy[i]]));
    const [x0, x1] = ends(spread, 1.35);
    let a0 = 1, a1 = 0;
    for (const i of view.shown) { a0 = Math.min(a0, view.accLow[i]); a1 = Math.max(a1, view.accHigh[i]); }
    const pad = Math.max(0.004, (a1 - a0) * 0.06);
    a0 -= pad; a1 = Math.min(1.004, a1 + pad);
    const x = Draw.log(x0, x1, box[0], box[2]), y = Draw.linear(a0, a1, box[3], box[1]);
    const root = frame(W, H, "Accuracy against estimated energy per inference");
    axes(root, box, x, y, Draw.decades(x0, x1).map((v) => [v, si(v, "J", 1)]), Draw.steps(a0, a1).map((v) => [v, percent(v, a1 - a0 < 0.03 ? 1 : 0)]),
      "Estimated energy per inference", "Accuracy");
    const line = view.shown.filter((i) => view.front.has(i) && !view.bound[i]).sort((p, q) => view.energy[p] - view.energy[q]);
    if (line.length > 1) root.append(svg("path", { class: "front", d: line.map((i, k) => (k ? `H${x(view.energy[i])}V${y(view.accuracy[i])}` : `M${x(view.energy[i])},${y(view.accuracy[i])}`)).join("") }));
    const special = (i) => view.front.has(i) || view.picked.includes(i);
    const many = view.shown.length > MANY;
    place.replaceChildren();
    if (many) place.append(canvas(view, view.shown.filter((i) => !special(i)), x, y, W, H));
    const order = many ? view.shown.filter(special) : [...view.shown].sort((p, q) => special(p) - special(q));
    for (const i of order) point(root, view, i, x, y, special(i));
    if (many) root.addEventListener("click", (e) => {
      const at = root.getBoundingClientRect(), px = ((e.clientX - at.left) / at.width) * W, py = ((e.clientY - at.top) / at.height) * H;
      let best = -1, least = 400;
      for (const i of view.shown) { const d = (x(view.energy[i]) - px) ** 2 + (y(view.accuracy[i]) - py) ** 2; if (d < least) { least = d; best = i; } }
      if (best >= 0) view.pick(best);
    });
    place.append(root);
  }
  function point(root, view, i, x, y, strong) {
    const m = view.models[view.model[i]], px = x(view.energy[i]), py = y(view.accuracy[i]), colour = Draw.tone(m.colour);
    const g = svg("g", { opacity: strong ? 1 : 0.33 });
    if (strong) {
      g.append(svg("line", { class: "range", stroke: colour, x1: x(view.low[i]), x2: x(view.high[i]), y1: py, y2: py }));
      if (view.accHigh[i] > view.accLow[i]) g.append(svg("line", { class: "range", stroke: colour, x1: px, x2: px, y1: y(view.accLow[i]), y2: y(view.accHigh[i]) }));
    }
    const dot = svg("path", { class: "dot", d: Draw.shape(m.marker, strong ? 6 : 4.5), transform: `translate(${px},${py})`, fill: colour, stroke: "var(--halo)", "stroke-width": 1, tabindex: strong ? 0 : -1, role: "button", "aria-label": view.name(i) }, svg("title", {}, view.name(i)));
    dot.addEventListener("click", () => view.pick(i));
    dot.addEventListener("keydown", (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); view.pick(i); } });
    g.append(dot);
    if (view.bound[i] && strong) g.append(svg("path", { d: `M${x(view.high[i]) + 3},${py - 4}l7,4l-7,4`, fill: "none", stroke: colour, "stroke-width": 1.6 }));
    if (view.picked.includes(i)) {
      g.append(svg("circle", { class: "ring", cx: px, cy: py, r: 11 }));
      g.append(svg("text", { class: "strong halo", x: px, y: i === view.picked[0] ? py - 16 : py + 26, "text-anchor": "middle" }, `${m.label} ${view.bound[i] ? "≥ " : ""}${si(view.energy[i], "J")}`));
    }
    root.append(g);
  }
  function canvas(view, rest, x, y, W, H) {
    const c = html("canvas", { width: 2 * W, height: 2 * H, "aria-hidden": "true" }), pen = c.getContext("2d");
    pen.scale(2, 2);
    pen.globalAlpha = 0.35;
    const ink = getComputedStyle(document.body).color;
    for (const i of rest) {
      const m = view.models[view.model[i]];
      pen.fillStyle = m.colour === "#000000" ? ink : m.colour;
      const px = x(view.energy[i]), py = y(view.accuracy[i]);
      if (m.marker === "s") pen.fillRect(px - 2, py - 2, 4, 4); else { pen.beginPath(); pen.arc(px, py, 2.2, 0, 7); pen.fill(); }
    }
    return c;
  }
  // even: {rate, quiet, busy, mlp, at, label}
  function even(place, e) {
    const W = 400, H = 300, box = [58, 34, W - 14, H - 44];
    const top = Math.max(e.rate, e.at > 0 ? e.at : 0), s0 = Math.max(Math.min(e.rate, e.at > 0 ? e.at : e.rate) / 20, top / 1e6), s1 = top * 8;
    const cost = (s) => e.quiet + (e.busy - e.quiet) * (s / e.rate);
    const [y0, y1] = ends([cost(s0), cost(s1), e.mlp], 1.6);
    const x = Draw.log(s0, s1, box[0], box[2]), y = Draw.log(y0, y1, box[3], box[1]);
    const root = frame(W, H, "Energy of the spiking network against its spikes per neuron, beside the MLP");
    axes(root, box, x, y, Draw.decades(s0, s1).map((v) => [v, digits(v, 1)]), Draw.decades(y0, y1).map((v) => [v, si(v, "J", 1)]), "Spikes per neuron and inference", "Energy per inference");
    let d = "";
    for (let k = 0; k <= 60; k++) { const s = s0 * (s1 / s0) ** (k / 60); d += `${k ? "L" : "M"}${x(s).toFixed(1)},${y(cost(s)).toFixed(1)}`; }
    root.append(svg("path", { class: "snn", d }), svg("line", { class: "mlp", x1: box[0], x2: box[2], y1: y(e.mlp), y2: y(e.mlp) }),
      svg("line", { class: "here", x1: x(e.rate), x2: x(e.rate), y1: box[1], y2: box[3] }),
      svg("text", { class: "halo", x: box[0] + 6, y: y(e.mlp) - 6 }, "MLP"),
      svg("text", { class: "halo", x: x(s1) - 4, y: y(cost(s1)) - 8, "text-anchor": "end" }, e.label),
      svg("circle", { class: "ring", cx: x(e.rate), cy: y(cost(e.rate)), r: 5 }),
      svg("text", { class: "soft halo", x: x(e.rate), y: box[3] - 6, "text-anchor": "middle" }, "as it is"));
    if (e.at > s0) root.append(svg("path", { class: "ring", d: Draw.shape("D", 6), transform: `translate(${x(e.at)},${y(e.mlp)})` }),
      svg("text", { class: "strong halo", x: x(e.at), y: y(e.mlp) + 20, "text-anchor": "middle" }, digits(e.at)));
    place.replaceChildren(root);
  }
  function tornado(place, now, rows, words) {
    const shown = rows.slice(0, 12), W = 400, step = 21, H = 50 + step * Math.max(1, shown.length) + 34, box = [128, 34, W - 14, H - 44];
    const [x0, x1] = ends([now, 1, ...shown.flatMap((r) => [r.atLow, r.atHigh])], 1.15);
    const x = Draw.log(x0, x1, box[0], box[2]), root = frame(W, H, "Ratio of energies with each price at either end of its range");
    axes(root, box, x, (v) => v, Draw.decades(x0, x1).map((v) => [v, digits(v, 1)]), [], "SNN energy over MLP energy", "");
    shown.forEach((r, k) => {
      const top = box[1] + 4 + k * step;
      const bar = (v, kind) => svg("rect", { class: `${kind}${r.flips ? " flip" : ""}`, x: Math.min(x(now), x(v)), width: Math.max(1, Math.abs(x(v) - x(now))), y: top, height: step - 7 });
      const g = svg("g", {}, svg("title", {}, words(r)), bar(r.atLow, "low"), bar(r.atHigh, "high"),
        svg("text", { x: box[0] - 6, y: top + 11, "text-anchor": "end", class: r.flips ? "strong" : "" }, (r.flips ? "⚑ " : "") + r.label));
      root.append(g);
    });
    root.append(svg("line", { class: "axis", x1: x(1), x2: x(1), y1: box[1] - 4, y2: box[3] }), svg("text", { class: "halo", x: x(1), y: box[1] - 8, "text-anchor": "middle" }, "equal"),
      svg("line", { class: "here", x1: x(now), x2: x(now), y1: box[1], y2: box[3] }));
    place.replaceChildren(root);
  }
  function bill(place, parts, total, number) {
    const rows = parts.map((p) => html("tr", {}, html("td", {}, p.term), html("td", {}, p.constant), html("td", { class: "n" }, si(p.energy, "J")),
      html("td", { class: "n" }, percent(p.energy / total, 1)), html("td", {}, svg("svg", { width: 90, height: 11, "aria-hidden": "true" }, svg("rect", { class: "meter", width: Math.max(0, 90 * (p.energy / total)), height: 11 })))));
    const head = html("tr", {}, ...["term", "price", "energy", "share", ""].map((t, i) => html("th", { scope: "col", class: i === 2 || i === 3 ? "n" : null }, t)));
    place.replaceChildren(html("div", { class: "scroll" }, html("table", {}, html("thead", {}, head), html("tbody", {}, rows))));
  }
  return { front, even, tornado, bill };
})();
