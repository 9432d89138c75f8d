"use strict";
// Everything below is text from accounts or checks: it reaches the page as text nodes, never as HTML.

const data = JSON.parse(document.getElementById("data").textContent);
const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const STATES = ["fail", "implied", "excepted", "unknown", "pass", "not_applicable"];
const WORDS = { fail: "open failure", implied: "follows", excepted: "excepted", unknown: "unknown", pass: "pass", not_applicable: "not applicable" };
const SVG = "http://www.w3.org/2000/svg";

const checks = new Map(data.checks.map((check) => [check.id, check]));
const accounts = new Map(data.accounts.map((account) => [account.id, account]));
const byId = new Map();
data.findings.forEach((finding, at) => {
  finding.at = at;
  const excepted = finding.exception && finding.exception.in_force;
  finding.state = finding.verdict !== "fail" ? finding.verdict : excepted ? "excepted" : finding.implied_by ? "implied" : "fail";
  finding.region = finding.region || "global";
  finding.service = service(finding.type);
  const check = checks.get(finding.check);
  finding.title = finding.title || (check ? check.title : finding.check);
  if (!byId.has(finding.id)) byId.set(finding.id, finding);
});

function service(type) {
  const parts = type.split("::").slice(1);
  return (parts[0] || parts[1] || type).toLowerCase();
}

function accountName(id) {
  const account = accounts.get(id);
  return account && account.name ? account.name : id;
}

/* What a reader cannot see, or what moves other characters, is written out. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0]/gu;
function plain(text) {
  return String(text).replace(HIDDEN, (it) => "\\u{" + it.codePointAt(0).toString(16) + "}");
}

/* An element with attributes, listeners (`onclick`) and children; texts become text nodes. */
function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value);
  }
  for (const child of children.flat(9)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : plain(child));
  }
  return element;
}

/* Text of several lines; its line breaks stay. */
function pre(text) {
  const lines = String(text).replace(/\r\n?/g, "\n").split("\n").map(plain);
  const element = document.createElement("pre");
  element.textContent = lines.join("\n");
  return element;
}

function count(number, noun) {
  if (number === 1) return "1 " + noun;
  return number.toLocaleString("en") + " " + (noun.endsWith("y") ? noun.slice(0, -1) + "ie" : noun) + "s";
}

function link(view, query) {
  const text = new URLSearchParams(Object.entries(query || {}).filter(([, value]) => value)).toString();
  return "#/" + view + (text ? "?" + text : "");
}

function mark(severity) {
  return h("span", { class: "mark " + severity }, severity);
}

function stateWord(state) {
  return h("span", { class: "state " + state }, WORDS[state]);
}

function say(text) {
  document.getElementById("said").textContent = text;
}

/* A table with a caption; columns are names or [name, class]. */
function table(caption, columns, rows) {
  const pair = (column) => (Array.isArray(column) ? column : [column, undefined]);
  const head = columns.map(pair).map(([name, kind]) => h("th", { scope: "col", class: kind }, name));
  const row = (cells) => h("tr", {}, cells.map((cell, at) => h("td", { class: pair(columns[at])[1] }, cell)));
  // What scrolls sideways has to be within reach of the keyboard.
  return h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": plain(caption) },
    h("table", {}, h("caption", {}, caption), h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows.map(row))));
}

/* Parts of a whole, as a bar. */
function bar(parts) {
  const total = parts.reduce((sum, [, number]) => sum + number, 0);
  const label = parts.filter(([, number]) => number).map(([name, number]) => number + " " + (WORDS[name] || name)).join(", ");
  const chart = svg("svg", { class: "chart", viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": label || "nothing" });
  let from = 0;
  for (const [name, number, style] of parts) {
    const width = total ? (100 * number) / total : 0;
    if (number) chart.append(svg("rect", { x: from, y: 1, width, height: 8, class: "fill-" + (style || name) }, svg("title", {}, number + " " + (WORDS[name] || name))));
    from += width;
  }
  return chart;
}

function legend(names) {
  const dot = (name) => svg("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("rect", { width: 10, height: 10, rx: 2, class: "fill-" + name[1] }));
  return h("ul", { class: "legend" }, names.map((name) => h("li", {}, dot(name), name[0])));
}

async function copy(text, button) {
  const before = button.textContent;
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    const area = h("textarea", { readonly: "" });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.textContent = done ? "Copied" : "Not copied";
  say(button.textContent);
  setTimeout(() => { button.textContent = before; }, 1500);
}
