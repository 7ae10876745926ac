// Charts over time as SVG: numbers in, elements out. `Chart` is the figure around one of them.
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 190;
const TOP = 8;
const BOTTOM = 24;
const RIGHT = 22;
const CHARACTER = 7.2;
const LABEL_GAP = 14;

export function node(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

// From zero to beyond `most`, in steps of 1, 2 or 5 of a power of ten; whole ones for counts.
export function niceTicks(most, { wanted = 4, least = 0 } = {}) {
  const rough = (most || wanted) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max([1, 2, 5, 10].find((factor) => factor * power >= rough) * power, least);
  const ticks = [0];
  while (ticks.at(-1) < most || ticks.length < 2) ticks.push(step * ticks.length);
  return ticks;
}

// For what goes from half a millisecond to seconds: every one of the powers around the values.
export function powersOfTen(values) {
  const ticks = [10 ** Math.floor(Math.log10(Math.min(...values, 1)))];
  while (ticks.at(-1) < Math.max(...values) || ticks.length < 2) ticks.push(ticks.at(-1) * 10);
  return ticks;
}

// Where things are in a plot of some width: `band` is the room of one place on the axis.
function layout(width, data, ticks) {
  const widest = Math.max(...ticks.map((tick) => data.tick(tick).length));
  const left = Math.ceil(widest * CHARACTER) + 8;
  const band = (width - left - RIGHT) / data.labels.length;
  const bottom = HEIGHT - BOTTOM;
  const share = data.kind === "bars"
    ? (value) => value / ticks.at(-1)
    : (value) => Math.log(value / ticks[0]) / Math.log(ticks.at(-1) / ticks[0]);
  const y = (value) => bottom - share(value) * (bottom - TOP);
  return { left, right: width - RIGHT, bottom, band, y, x: (place) => left + band * place };
}

function total(data, place) {
  return data.series.reduce((sum, { values }) => sum + values[place], 0);
}

function ticksOf(data) {
  if (data.kind === "bars") {
    const most = Math.max(...data.labels.map((_, place) => total(data, place)));
    return niceTicks(most, { least: data.least });
  }
  return powersOfTen(data.series.flatMap(({ values }) => values.filter((value) => value > 0)));
}

function axes(data, ticks, at) {
  const made = [];
  for (const tick of ticks) {
    const y = Math.round(at.y(tick)) + 0.5;
    const kind = tick === ticks[0] ? "zero" : "grid";
    made.push(shape("line", { class: kind, x1: at.left, x2: at.right, y1: y, y2: y }));
    const place = { x: at.left - 8, y: y + 4, "text-anchor": "end" };
    made.push(shape("text", place, data.tick(tick)));
  }
  const room = Math.max(...data.labels.map((label) => label.length)) * CHARACTER + LABEL_GAP;
  const stride = data.strides.find((each) => each * at.band >= room) ?? data.labels.length;
  data.labels.forEach((label, place) => {
    if ((place - data.anchor) % stride !== 0) return;
    const middle = at.x(place + 0.5);
    made.push(shape("text", { x: middle, y: HEIGHT - 6, "text-anchor": "middle" }, label));
  });
  return made;
}

// Stacked upon each other, from zero.
function bars(data, at) {
  const made = [];
  const width = Math.max(1, at.band * 0.74);
  data.labels.forEach((_, place) => {
    let below = 0;
    for (const { values, mark } of data.series) {
      if (!values[place]) continue;
      const top = at.y(below + values[place]);
      // What is there is seen, however little of it there is.
      const height = Math.max(at.y(below) - top, 1);
      const running = data.running && place === data.labels.length - 1 ? " running" : "";
      const x = at.x(place) + (at.band - width) / 2;
      const kind = `bar-part mark-${mark}${running}`;
      made.push(shape("rect", { class: kind, x, y: at.y(below) - height, width, height }));
      below += values[place];
    }
  });
  return made;
}

// On a scale of powers of ten, and broken where there is nothing; what has nothing on both sides
// is a dot.
function lines(data, at) {
  const made = [];
  for (const { values, mark } of data.series) {
    let path = "";
    values.forEach((value, place) => {
      if (value === null) return;
      const [x, y] = [at.x(place + 0.5), at.y(value)];
      const begins = (values[place - 1] ?? null) === null;
      path += `${begins ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
      const isAlone = begins && (values[place + 1] ?? null) === null;
      if (isAlone) made.push(shape("circle", { class: `dot mark-${mark}`, cx: x, cy: y, r: 2.5 }));
    });
    made.unshift(shape("path", { class: `line mark-${mark}`, d: path }));
  }
  return made;
}

// What a plot of some width consists of, and where its places are.
export function plot(width, data) {
  const ticks = ticksOf(data);
  const at = layout(width, data, ticks);
  const drawn = data.kind === "bars" ? bars(data, at) : lines(data, at);
  return { at, shapes: [...axes(data, ticks, at), ...drawn] };
}

/*
 * A figure with a title, a summary, a plot, and the same as a table.
 *
 * `show` takes: kind ("bars" or "lines"), labels (short, one a place), places (long), anchor (a
 * place that has its label), strides (from one label to the next), series [{name, mark, values}],
 * value and tick (number to text), least (the smallest step between ticks), running (the last
 * place is not over), summary.
 */
export class Chart {
  constructor(title, placeName) {
    this.title = title;
    this.placeName = placeName;
    this.chosen = null;
    this.summary = node("span");
    this.legend = node("ul", { class: "legend" });
    this.plot = shape("svg", { class: "plot", height: HEIGHT, tabindex: 0, role: "img" });
    this.tip = node("div", { class: "tip", role: "status" });
    this.tip.hidden = true;
    this.table = node("table");
    this.details = node("details", {}, node("summary", {}, "Table"),
      node("div", { class: "wide", tabindex: 0, role: "region", "aria-label": `${title}, table` },
        this.table));
    const caption = node("figcaption", {}, node("strong", {}, title), this.summary);
    const room = node("div", { class: "room" }, this.plot, this.tip);
    const figure = node("figure", {}, caption, this.legend, room);
    this.root = node("div", { class: "card" }, figure, this.details);
    this.listen();
  }

  listen() {
    this.plot.addEventListener("pointermove", (event) => this.choose(this.placeAt(event)));
    this.plot.addEventListener("pointerdown", (event) => this.choose(this.placeAt(event)));
    this.plot.addEventListener("pointerleave", () => this.choose(null));
    this.plot.addEventListener("blur", () => this.choose(null));
    this.plot.addEventListener("keydown", (event) => this.steer(event));
    this.details.addEventListener("toggle", () => this.fillTable());
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  show(data) {
    this.data = data;
    this.summary.textContent = data.summary;
    const named = data.series.length > 1 ? data.series : [];
    this.legend.hidden = named.length === 0;
    this.legend.replaceChildren(
      ...named.map(({ name, mark }) => node("li", { class: `mark-${mark}` }, name)));
    const about = `${this.title}: ${data.summary}. Arrow keys tell each ${this.placeName}.`;
    this.plot.setAttribute("aria-label", about);
    this.draw();
    this.fillTable();
  }

  draw() {
    const width = this.plot.clientWidth;
    if (!this.data || !width) return;
    const { at, shapes } = plot(width, this.data);
    this.at = at;
    this.here = shape("rect", { class: "here", y: TOP, height: at.bottom - TOP, width: at.band });
    this.plot.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.plot.replaceChildren(this.here, ...shapes);
    this.choose(this.chosen);
  }

  placeAt(event) {
    const x = event.clientX - this.plot.getBoundingClientRect().left;
    const place = Math.floor((x - this.at.left) / this.at.band);
    return place >= 0 && place < this.data.labels.length ? place : null;
  }

  steer(event) {
    const last = this.data.labels.length - 1;
    const moves = {
      ArrowLeft: Math.max(0, (this.chosen ?? last + 1) - 1),
      ArrowRight: Math.min(last, (this.chosen ?? last) + 1),
      Home: 0,
      End: last,
      Escape: null,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    this.choose(moves[event.key]);
  }

  choose(place) {
    this.chosen = place;
    this.here.setAttribute("visibility", place === null ? "hidden" : "visible");
    this.tip.hidden = place === null;
    if (place === null) return;
    this.here.setAttribute("x", this.at.x(place));
    const told = this.data.series.flatMap(({ name, mark, values }) => [
      node("dt", { class: `mark-${mark}` }, name), node("dd", {}, this.data.value(values[place]))]);
    this.tip.replaceChildren(this.data.places[place], node("dl", {}, ...told));
    const room = this.plot.clientWidth - this.tip.offsetWidth;
    const beside = this.at.x(place) > room / 2 ? -this.tip.offsetWidth - 8 : this.at.band + 8;
    this.tip.style.left = `${Math.max(0, Math.min(room, this.at.x(place) + beside))}px`;
  }

  fillTable() {
    if (!this.details.open) return;
    const { places, series, value } = this.data;
    const names = [this.placeName, ...series.map(({ name }) => name)];
    const head = node("tr", {}, ...names.map((name) => node("th", { scope: "col" }, name)));
    const rows = places.map((place, index) => node("tr", {}, node("th", { scope: "row" }, place),
      ...series.map(({ values }) => node("td", {}, value(values[index])))));
    this.table.replaceChildren(node("thead", {}, head), node("tbody", {}, ...rows.reverse()));
  }
}
