// Numbers for reading, scales, and pieces of SVG.
"use strict";
const Draw = (() => {
  const PREFIX = [[1e-18, "a"], [1e-15, "f"], [1e-12, "p"], [1e-9, "n"], [1e-6, "µ"], [1e-3, "m"], [1, ""], [1e3, "k"], [1e6, "M"], [1e9, "G"]];
  function digits(x, n = 3) {
    if (!Number.isFinite(x)) return "-";
    if (x === 0) return "0";
    const text = Number(x.toPrecision(n));
    const size = Math.abs(text);
    return size >= 1e6 || size < 1e-4 ? x.toExponential(n - 1) : text.toFixed(Math.max(0, n - 1 - Math.floor(Math.log10(size) + 1e-12)));
  }
  function si(x, unit, n = 3) {
    if (!Number.isFinite(x)) return "-";
    if (x === 0) return "0 " + unit;
    const size = Math.abs(Number(x.toPrecision(n)));
    let [f, p] = PREFIX[0];
    for (const [factor, name] of PREFIX) if (size >= factor * (1 - 1e-12)) [f, p] = [factor, name];
    return digits(x / f, n) + "\u00a0" + p + unit;
  }
  const percent = (x, n = 1) => (100 * x).toFixed(n) + "\u00a0%";
  // what a reader types: a point or a comma before the decimals, an exponent, nothing else
  function typed(text) {
    const plain = String(text).trim().replace(",", ".");
    return /^\d*\.?\d+(e[+-]?\d+)?$|^\d+\.(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
  }
  const NS = "http://www.w3.org/2000/svg";
  function svg(tag, attributes = {}, ...children) {
    const node = document.createElementNS(NS, tag);
    for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
    for (const c of children.flat()) node.append(c);
    return node;
  }
  function html(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes)) if (v !== null && v !== false) node.setAttribute(k, v === true ? "" : v);
    for (const c of children.flat()) node.append(c);
    return node;
  }
  function log(low, high, from, to) {
    const a = Math.log10(low), b = Math.log10(high);
    return (x) => from + ((Math.log10(x) - a) / (b - a)) * (to - from);
  }
  const linear = (low, high, from, to) => (x) => from + ((x - low) / (high - low)) * (to - from);
  // powers of ten, with 2 and 5 where there are few
  function decades(low, high) {
    const out = [], few = Math.log10(high / low) < 2.2;
    for (let e = Math.floor(Math.log10(low)) - 1; e <= Math.ceil(Math.log10(high)); e++)
      for (const m of few ? [1, 2, 5] : [1]) { const v = m * 10 ** e; if (v >= low * 0.999 && v <= high * 1.001) out.push(v); }
    const skip = Math.ceil(out.length / 9);
    return out.filter((_, i) => i % skip === 0);
  }
  function steps(low, high, about = 5) {
    const raw = (high - low) / about, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
    const out = [];
    for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) out.push(v);
    return out;
  }
  const SHAPES = {
    o: (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0Z`,
    s: (r) => `M${-r * 0.9},${-r * 0.9}h${1.8 * r}v${1.8 * r}h${-1.8 * r}Z`,
    "^": (r) => `M0,${-1.15 * r}L${1.1 * r},${0.85 * r}H${-1.1 * r}Z`,
    v: (r) => `M0,${1.15 * r}L${1.1 * r},${-0.85 * r}H${-1.1 * r}Z`,
    D: (r) => `M0,${-1.25 * r}L${1.25 * r},0L0,${1.25 * r}L${-1.25 * r},0Z`,
    P: (r) => `M${-r / 2},${-r}h${r}v${r / 2}h${r / 2}v${r}h${-r / 2}v${r / 2}h${-r}v${-r / 2}h${-r / 2}v${-r}h${r / 2}Z`,
    X: (r) => `M${-r},${-r * 0.5}L${-r * 0.5},${-r}L0,${-r * 0.5}L${r * 0.5},${-r}L${r},${-r * 0.5}L${r * 0.5},0L${r},${r * 0.5}L${r * 0.5},${r}L0,${r * 0.5}L${-r * 0.5},${r}L${-r},${r * 0.5}L${-r * 0.5},0Z`,
    h: (r) => `M${-r},0L${-r / 2},${-0.9 * r}H${r / 2}L${r},0L${r / 2},${0.9 * r}H${-r / 2}Z`,
  };
  const tone = (colour) => (colour === "#000000" ? "var(--ink)" : colour); // black on a dark page is light
  const shape = (marker, r) => (SHAPES[marker] || SHAPES.o)(r);
  return { digits, si, percent, typed, svg, html, log, linear, decades, steps, shape, tone };
})();
if (typeof module !== "undefined") module.exports = Draw;
