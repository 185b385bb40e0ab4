"use strict";

const ROWS_AT_ONCE = 50;
const BAD = "✗ ", GOOD = "✓ ";
// Numbers in names count as numbers: leaf2 comes before leaf10.
const collator = new Intl.Collator("en", {numeric: true});

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return collator.compare(one ?? "", other ?? "");
}

// A table that is searched and sorted as a whole, and of which a few rows are in the document.
class Table {
  constructor(place, {columns, empty, size, values, places}) {
    Object.assign(this, {columns, empty, size, values, places});
    this.host = columns.indexOf("Host");
    this.texts = values.map((column) => column.map((value) => String(value ?? "").toLowerCase()));
    this.order = Array.from({length: size}, (_, row) => row);
    this.sorted = {column: -1, descending: false};
    this.only = null;
    this.first = 0;
    this.build(place, document.getElementById(place.dataset.table + "-title").textContent);
    this.search();
  }

  build(place, title) {
    this.input = element("input", {type: "search", autocomplete: "off", "aria-label": "Search " + title,
      oninput: () => this.search()});
    this.count = element("span", {role: "status"});
    this.back = element("button", {type: "button", onclick: () => this.turn(-ROWS_AT_ONCE)}, "Previous");
    this.next = element("button", {type: "button", onclick: () => this.turn(ROWS_AT_ONCE)}, "Next");
    this.headings = this.columns.map((name, column) => element("th", {scope: "col"},
      element("button", {type: "button", onclick: () => this.sort(column)}, name)));
    this.body = element("tbody");
    place.append(
      element("div", {class: "tools"}, element("label", {}, "Search", this.input), this.count, this.back, this.next),
      element("div", {class: "scroll cards", tabindex: "0", role: "region", "aria-label": title},
        element("table", {}, element("thead", {}, element("tr", {}, ...this.headings)), this.body)));
  }

  // Keeps the rows in which each word is in some cell. Words are looked for in different values, not in each row.
  search() {
    const words = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = words.map((word) => this.texts.map((column) => column.map((text) => text.includes(word))));
    const only = this.only === null || this.host < 0 ? -1 : this.values[this.host].indexOf(this.only);
    this.rows = this.order.filter((row) =>
      (this.only === null || this.host < 0 || this.places[this.host][row] === only) &&
      found.every((columns) => columns.some((hits, column) => hits[this.places[column][row]])));
    this.first = 0;
    this.show();
  }

  sort(column) {
    const descending = this.sorted.column === column && !this.sorted.descending;
    this.sorted = {column, descending};
    const values = this.values[column];
    const rank = new Uint32Array(values.length);
    values.map((_, place) => place).sort((one, other) => compare(values[one], values[other])).forEach((place, at) => { rank[place] = at; });
    const places = this.places[column], sign = descending ? -1 : 1;
    this.order.sort((one, other) => sign * (rank[places[one]] - rank[places[other]]));
    this.headings.forEach((heading, at) => {
      if (at === column) heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    });
    this.search();
  }

  turn(rows) {
    this.first += rows;
    this.show();
  }

  show() {
    const last = Math.min(this.first + ROWS_AT_ONCE, this.rows.length);
    this.body.replaceChildren(...this.rows.slice(this.first, last).map((row) =>
      element("tr", {}, ...this.columns.map((name, column) => this.cell(name, column, row)))));
    const of = this.rows.length === this.size ? "" : ` (of ${this.size.toLocaleString("en")})`;
    this.count.textContent = !this.size ? this.empty : !this.rows.length ? `No row matches${of}` :
      `${(this.first + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${this.rows.length.toLocaleString("en")}${of}`;
    this.back.hidden = this.next.hidden = this.rows.length <= ROWS_AT_ONCE;
    this.back.disabled = this.first === 0;
    this.next.disabled = last === this.rows.length;
  }

  cell(name, column, row) {
    const value = this.values[column][this.places[column][row]];
    const text = String(value ?? "");
    const kind = text.startsWith(BAD) ? "bad" : text.startsWith(GOOD) ? "good" : "";
    const shown = column === this.host ? element("button", {type: "button", onclick: () => choose(text)}, text) : text;
    return element("td", {class: kind, "data-column": name}, shown);
  }
}

const encoded = JSON.parse(document.getElementById("tables").textContent);
const tables = Array.from(document.querySelectorAll("[data-table]"), (place) => new Table(place, encoded[place.dataset.table]));

// The topology: one stop of the Tab key, within it the arrow keys.
const boxes = Array.from(document.querySelectorAll("svg [data-host]"));
const lines = Array.from(document.querySelectorAll("svg line"), (line) => ({line, ends: JSON.parse(line.dataset.ends)}));
const marker = document.getElementById("chosen");
let chosen = null;

// Shows one host everywhere, or all hosts again.
function choose(host) {
  chosen = host === chosen ? null : host;
  marker.replaceChildren(...(chosen === null ? [] : [element("div", {},
    element("span", {}, "Tables show ", element("b", {}, chosen), " only."),
    element("button", {type: "button", onclick: () => choose(null)}, "Show all hosts"))]));
  boxes.forEach((box) => box.setAttribute("aria-pressed", String(box.dataset.host === chosen)));
  lines.forEach(({line, ends}) => line.classList.toggle("marked", ends.includes(chosen)));
  tables.forEach((table) => {
    table.only = chosen;
    table.search();
  });
}

function step(box, rows) {
  const at = (each) => ({x: each.transform.baseVal[0].matrix.e, y: each.transform.baseVal[0].matrix.f});
  const {x, y} = at(box);
  const beyond = boxes.map((each) => ({each, ...at(each)})).filter((each) => rows * (each.y - y) > 0);
  const near = beyond.sort((one, other) => Math.abs(one.y - y) - Math.abs(other.y - y) || Math.abs(one.x - x) - Math.abs(other.x - x));
  return near[0]?.each ?? box;
}

boxes.forEach((box, place) => {
  box.addEventListener("click", () => choose(box.dataset.host));
  box.addEventListener("focus", () => boxes.forEach((each) => each.setAttribute("tabindex", each === box ? "0" : "-1")));
  box.addEventListener("keydown", (event) => {
    const target = {
      ArrowRight: boxes[place + 1], ArrowLeft: boxes[place - 1], Home: boxes[0], End: boxes.at(-1),
      ArrowDown: step(box, 1), ArrowUp: step(box, -1),
    };
    if (event.key === "Enter" || event.key === " ") choose(box.dataset.host);
    else if (event.key in target) target[event.key]?.focus();
    else return;
    event.preventDefault();
  });
});
boxes[0]?.setAttribute("tabindex", "0");
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && chosen !== null) choose(null);
});
