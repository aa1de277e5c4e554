// Sliders, fields and choices; the state of the page in its address.
"use strict";
const Controls = (() => {
  const { html, digits, typed } = Draw;
  // a slider in the logarithm with a field for the number beside it
  function slider({ id, label, low, high, value, unit, from, changed }) {
    const at = (v) => Math.round(1000 * (Math.log(v / low) / Math.log(high / low)));
    const range = html("input", { type: "range", id, min: 0, max: 1000, step: 1, class: "wide", "aria-label": `${label}, ${digits(low)} to ${digits(high)} ${unit}` });
    const field = html("input", { type: "text", inputmode: "decimal", class: "number", id: id + "-n", "aria-label": `${label} in ${unit}` });
    const row = html("div", { class: "row" }, html("label", { for: id + "-n" }, label), html("span", {}, field, " " + unit), range, from ? html("span", { class: "from" }, from) : []);
    let published = value;
    const show = (v) => {
      if (document.activeElement !== field) field.value = String(Number(v.toPrecision(4)));
      range.value = Math.min(1000, Math.max(0, at(v)));
      range.setAttribute("aria-valuetext", `${digits(v)} ${unit}`);
      row.classList.toggle("moved", Math.abs(v - published) > 1e-9 * published);
    };
    range.addEventListener("input", () => { const v = low * (high / low) ** (range.value / 1000); field.removeAttribute("aria-invalid"); changed(Math.min(high, Math.max(low, v))); });
    field.addEventListener("input", () => {
      const v = typed(field.value), good = v > 0 && Number.isFinite(v);
      field.setAttribute("aria-invalid", String(!good));
      if (good) changed(v);
    });
    field.addEventListener("blur", () => { field.removeAttribute("aria-invalid"); changed(null); });
    return { row, show: (v, base) => { if (base !== undefined) published = base; show(v); } };
  }
  function choice(id, label, options, value, changed) {
    const select = html("select", { id }, options.map(([v, text]) => html("option", { value: v, selected: String(v) === String(value) }, text)));
    select.addEventListener("change", () => changed(select.value));
    return { row: html("div", { class: "row" }, html("label", { for: id }, label), select), show: (v) => { select.value = v; } };
  }
  // state <-> hash: k=v pairs, prices as chip.constant=value; what is not understood is left out
  function write(state) {
    const parts = [];
    for (const [k, v] of Object.entries(state.plain)) if (v !== null && v !== state.start[k]) parts.push(`${k}=${encodeURIComponent(v)}`);
    for (const [k, v] of Object.entries(state.prices)) parts.push(`p.${encodeURIComponent(k)}=${v}`);
    return parts.join("&");
  }
  function read(hash) {
    const plain = {}, prices = {};
    for (const part of hash.replace(/^#/, "").split("&")) {
      const cut = part.lastIndexOf("=");
      if (cut < 1) continue;
      let k, v;
      try { k = decodeURIComponent(part.slice(0, cut)); v = decodeURIComponent(part.slice(cut + 1)); } catch { continue; }
      if (k.startsWith("p.")) { const x = typed(v); if (x >= 0 && Number.isFinite(x)) prices[k.slice(2)] = x; } else plain[k] = v;
    }
    return { plain, prices };
  }
  return { slider, choice, write, read };
})();
if (typeof module !== "undefined") module.exports = Controls;
