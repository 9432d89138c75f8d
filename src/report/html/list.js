// The findings: filters that live in the address, and a list that holds only the rows in sight.

const ROW = 52;
const COLUMNS = [
  ["severity", "Severity", (finding) => SEVERITIES.indexOf(finding.severity)],
  ["finding", "Finding", (finding) => finding.title + "\n" + finding.resource],
  ["account", "Account", (finding) => accountName(finding.account) + finding.account],
  ["region", "Region", (finding) => finding.region],
  ["state", "State", (finding) => STATES.indexOf(finding.state)],
];
const FILTERS = [
  ["state", "State", (finding) => finding.state],
  ["severity", "Severity", (finding) => finding.severity],
  ["account", "Account", (finding) => finding.account],
  ["region", "Region", (finding) => finding.region],
  ["service", "Service", (finding) => finding.service],
  ["check", "Check", (finding) => finding.check],
];

function haystack(finding) {
  if (finding.haystack === undefined) {
    const parts = [finding.check, finding.title, finding.account, accountName(finding.account), finding.region,
      finding.resource, finding.name || "", finding.arn || "", ...(finding.messages || [])];
    finding.haystack = parts.join("\n").toLowerCase();
  }
  return finding.haystack;
}

/* The findings that a query selects, in its order. */
function select(query) {
  const control = query.get("control");
  const words = (query.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = FILTERS.map(([name, , get]) => [get, query.get(name)]).filter(([, value]) => value && value !== "all");
  const found = data.findings.filter((finding) =>
    wanted.every(([get, value]) => get(finding) === value) &&
    words.every((word) => haystack(finding).includes(word)) &&
    (!control || (checks.get(finding.check) || { controls: [] }).controls.includes(control)));
  const column = COLUMNS.find(([name]) => name === query.get("sort"));
  if (column) {
    const keys = new Map(found.map((finding) => [finding, column[2](finding)]));
    const way = query.get("order") === "down" ? -1 : 1;
    found.sort((a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      return (x < y ? -way : x > y ? way : 0) || a.at - b.at;
    });
  }
  return found;
}

function filterBar(query, changed) {
  const search = h("input", { type: "search", id: "q", autocomplete: "off", spellcheck: "false" });
  search.value = query.get("q") || "";
  let timer;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => changed("q", search.value), 120);
  });
  const fields = [h("div", {}, h("label", { for: "q" }, "Search"), search)];
  for (const [name, label, get] of FILTERS) {
    const values = name === "state" ? STATES : name === "severity" ? SEVERITIES : [...new Set(data.findings.map(get))].sort();
    const shown = (value) => (name === "state" ? WORDS[value] : name === "account" && accountName(value) !== value ? accountName(value) + " (" + value + ")" : value);
    const box = h("select", { id: "by-" + name, onchange: () => changed(name, box.value) },
      h("option", { value: "all" }, "all"), values.map((value) => h("option", { value }, shown(value))));
    box.value = query.get(name) || "all";
    fields.push(h("div", {}, h("label", { for: "by-" + name }, label), box));
  }
  return h("div", { class: "filters", role: "search", "aria-label": "Findings" }, fields);
}

/* A list of findings of which only the rows in sight are in the document. */
class Rows {
  constructor() {
    this.found = [];
    this.active = 0;
    this.space = h("div", { role: "presentation" });
    this.element = h("div", { class: "rows", role: "rowgroup", onscroll: () => this.draw(), onkeydown: (event) => this.key(event) }, this.space);
  }

  show(found) {
    this.found = found;
    this.active = 0;
    this.space.style.height = found.length * ROW + "px";
    this.element.scrollTop = 0;
    this.draw(true);
  }

  draw(afresh) {
    const first = Math.max(0, Math.floor(this.element.scrollTop / ROW) - 6);
    const last = Math.min(this.found.length, first + Math.ceil((this.element.clientHeight || 700) / ROW) + 12);
    if (!afresh && first === this.first && last === this.last) return;
    const focused = this.space.contains(document.activeElement);
    [this.first, this.last] = [first, last];
    const rows = [];
    for (let at = first; at < last; at += 1) rows.push(this.row(at));
    this.space.replaceChildren(...rows);
    if (focused) this.focus();
  }

  row(at) {
    const finding = this.found[at];
    const name = finding.name && finding.name !== finding.resource ? finding.resource + " (" + finding.name + ")" : finding.resource;
    const row = h("div", { class: "line", role: "row", "aria-rowindex": at + 2 },
      h("span", { role: "cell" }, mark(finding.severity)),
      h("div", { role: "cell", class: "two" },
        h("a", { href: link("finding/" + finding.id), tabindex: at === this.active ? 0 : -1, "data-at": at }, finding.title),
        h("span", { class: "id dim", title: plain(name) }, name)),
      h("span", { role: "cell", title: plain(finding.account) }, accountName(finding.account)),
      h("span", { role: "cell" }, finding.region),
      h("span", { role: "cell" }, stateWord(finding.state)));
    row.style.top = at * ROW + "px";
    return row;
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW) - 1);
    const last = this.found.length - 1;
    const moves = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page, PageUp: this.active - page, Home: 0, End: last };
    if (!(event.key in moves) || last < 0) return;
    event.preventDefault();
    this.active = Math.min(last, Math.max(0, moves[event.key]));
    const top = this.active * ROW;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    const bottom = top + ROW - this.element.clientHeight;
    if (bottom > this.element.scrollTop) this.element.scrollTop = bottom;
    this.draw(true);
    this.focus();
  }

  focus() {
    const anchor = this.space.querySelector('a[data-at="' + this.active + '"]');
    if (anchor) anchor.focus({ preventScroll: true });
  }

  /* Paper shows every row; what would be a book is cut. */
  whole(on) {
    if (!on) return this.draw(true);
    const rows = [];
    for (let at = 0; at < Math.min(this.found.length, 3000); at += 1) rows.push(this.row(at));
    if (this.found.length > rows.length) rows.push(h("p", {}, "and " + count(this.found.length - rows.length, "more row")));
    this.space.style.height = "auto";
    return this.space.replaceChildren(...rows);
  }
}

let rows = null;
addEventListener("beforeprint", () => rows && rows.whole(true));
addEventListener("afterprint", () => {
  if (!rows) return;
  rows.space.style.height = rows.found.length * ROW + "px";
  rows.whole(false);
});
addEventListener("resize", () => rows && rows.draw(true));

let lastQuery = "state=fail";

function findingsView(query) {
  if (![...query.keys()].length) query = new URLSearchParams("state=fail");
  rows = new Rows();
  const told = h("p", { class: "dim" });
  const heads = COLUMNS.map(([name, label]) =>
    h("div", { role: "columnheader", "data-sort": name }, h("button", { type: "button", onclick: () => sort(name) }, label)));
  const grid = h("div", { class: "list", role: "table", "aria-label": "Findings" },
    h("div", { role: "rowgroup" }, h("div", { class: "line head", role: "row", "aria-rowindex": 1 }, heads)), rows.element);
  const refresh = () => {
    lastQuery = query.toString();
    const found = select(query);
    const control = query.get("control");
    told.textContent = plain(count(found.length, "finding") + " of " + data.findings.length.toLocaleString("en") + (control ? " that speak to " + control : ""));
    say(told.textContent);
    grid.setAttribute("aria-rowcount", found.length + 1);
    for (const head of heads) {
      const sorted = head.dataset.sort === query.get("sort");
      const down = query.get("order") === "down";
      head.setAttribute("aria-sort", sorted ? (down ? "descending" : "ascending") : "none");
      head.firstChild.textContent = COLUMNS.find(([name]) => name === head.dataset.sort)[1] + (sorted ? (down ? " ▾" : " ▴") : "");
    }
    rows.show(found);
  };
  const keep = () => {
    try { history.replaceState(null, "", link("findings", Object.fromEntries(query))); } catch { /* the address stays as it was */ }
    refresh();
  };
  const changed = (name, value) => {
    if (value) query.set(name, value); else query.delete(name);
    keep();
  };
  const sort = (name) => {
    const down = query.get("sort") === name && query.get("order") !== "down";
    query.set("sort", name);
    query.set("order", down ? "down" : "up");
    keep();
  };
  // The rows need their height, which they have once they are in the document.
  queueMicrotask(refresh);
  return [h("h1", { tabindex: "-1" }, "Findings"), filterBar(query, changed), told, grid];
}
