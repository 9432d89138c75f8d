// The views, and the address that chooses one.

function openFailures() {
  return data.findings.filter((finding) => finding.state === "fail");
}

function answer() {
  const { passed, incomplete, reasons, warnings } = data.policy;
  const word = passed
    ? incomplete ? "Nothing failed the gate, but the scan is incomplete" : "Gate passed"
    : incomplete ? "Gate failed, and the scan is incomplete" : "Gate failed";
  const kind = passed ? (incomplete ? "incomplete" : "") : "failed";
  const notes = [...reasons, ...warnings.map((warning) => "Warning: " + warning)];
  return h("section", { class: "answer " + kind, "aria-label": "Decision of the gate" },
    h("h1", { tabindex: "-1" }, word),
    h("p", {}, "Policy ", h("b", {}, data.policy.name), ", read ", h("time", { datetime: data.scanned_at }, data.scanned_at),
      " by " + data.tool.name + " " + data.tool.version),
    notes.length > 0 && h("ul", {}, notes.map((note) => h("li", {}, note))));
}

function tiles() {
  const { accounts: numbers, regions, resources, gaps, verdicts } = data.summary;
  const unseen = numbers.failed + numbers.skipped;
  const one = (number, name, href) => h("li", {}, h("b", {}, number.toLocaleString("en")), href ? h("a", { href }, name) : name);
  return h("ul", { class: "tiles" },
    one(numbers.scanned, numbers.scanned === 1 ? "account read" : "accounts read"),
    one(unseen, "accounts not read", link("gaps")),
    one(regions, regions === 1 ? "region" : "regions"),
    one(resources, "resources"),
    one(data.checks.length, "checks"),
    one(verdicts.all.fail, "open failures", link("findings", { state: "fail" })),
    one(verdicts.all.unknown, "unknown verdicts", link("findings", { state: "unknown" })),
    one(gaps, "gaps in what was read", link("gaps")));
}

function severities() {
  const cell = (severity, state) => {
    const number = data.summary.verdicts[severity][state];
    return number ? h("a", { href: link("findings", { severity, state }) }, number.toLocaleString("en")) : "·";
  };
  const rows = SEVERITIES.map((severity) => [
    mark(severity), ...STATES.map((state) => cell(severity, state)),
    bar(STATES.map((state) => [state, data.summary.verdicts[severity][state]]))]);
  const columns = ["Severity", ...STATES.map((state) => [WORDS[state], "num"]), "Share"];
  return [h("h2", {}, "Verdicts by severity"), table("How many verdicts of each kind there are", columns, rows),
    legend(STATES.map((state) => [WORDS[state], state]))];
}

/* Open failures over the scans of a history, a row of columns for each severity. */
function trend() {
  const points = data.trend || [];
  if (points.length < 2) return null;
  const day = (point) => new Date(point.scanned_at * 1000).toISOString().slice(0, 10);
  const failures = (point, severity) => (point.severities[severity] || { fail: 0 }).fail;
  const rows = SEVERITIES.map((severity) => [severity, points.map((point) => failures(point, severity))])
    .filter(([, counts]) => counts.some((number) => number > 0))
    .map(([severity, counts]) => [mark(severity), columns(points, counts, day), counts[0], counts[counts.length - 1]]);
  const passed = points.filter((point) => point.passed && !point.incomplete).length;
  return [h("h2", {}, "Trend"),
    h("p", {}, count(points.length, "scan") + " from " + day(points[0]) + " to " + day(points[points.length - 1])
      + "; the gate passed in " + passed + " of them."),
    rows.length > 0 && table("Open failures by severity over the last scans", ["Severity", "Open failures", ["First", "num"], ["Last", "num"]], rows)];
}

function columns(points, counts, day) {
  const most = Math.max(...counts, 1);
  const width = 100 / counts.length;
  const label = counts.map((number, at) => day(points[at]) + ": " + number).join(", ");
  return svg("svg", { class: "chart", viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": label },
    counts.map((number, at) => {
      const height = 0.5 + 9.5 * number / most;
      return svg("rect", { x: at * width + width / 10, y: 10 - height, width: width * 0.8, height, class: "fill-fail" },
        svg("title", {}, day(points[at]) + ": " + number));
    }));
}

function heatMap() {
  const cells = new Map();
  const services = new Set();
  for (const finding of data.findings) {
    if (finding.state === "not_applicable") continue;
    services.add(finding.service);
    const key = finding.account + " " + finding.service;
    if (!cells.has(key)) cells.set(key, { fail: 0, unknown: 0, worst: SEVERITIES.length });
    const cell = cells.get(key);
    if (finding.state === "unknown") cell.unknown += 1;
    if (finding.state === "fail") {
      cell.fail += 1;
      cell.worst = Math.min(cell.worst, SEVERITIES.indexOf(finding.severity));
    }
  }
  const names = [...services].sort();
  const draw = (account, name) => {
    const cell = cells.get(account.id + " " + name);
    if (!cell) return h("td", {}, h("span", { "aria-label": "nothing judged" }, "·"));
    const place = (account.name || account.id) + ", " + name + ": ";
    if (cell.fail) {
      const worst = SEVERITIES[cell.worst];
      const label = place + count(cell.fail, "open failure") + ", the worst " + worst;
      return h("td", {}, h("a", { class: "sev " + worst, href: link("findings", { state: "fail", account: account.id, service: name }), "aria-label": plain(label), title: plain(label) }, cell.fail.toLocaleString("en")));
    }
    if (cell.unknown) {
      const label = place + count(cell.unknown, "unknown verdict") + ", no open failure";
      return h("td", {}, h("a", { href: link("findings", { state: "unknown", account: account.id, service: name }), "aria-label": plain(label), title: plain(label) }, "?"));
    }
    return h("td", {}, h("span", { title: plain(place + "no open failure") }, "0"));
  };
  const read = data.accounts.filter((account) => account.status === "scanned");
  return [h("h2", {}, "Open failures by account and service"),
    h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "Open failures by account and service" }, h("table", { class: "heat" },
      h("caption", {}, "The colour is that of the worst severity; ? means that something could not be judged"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Account"), names.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, read.map((account) => h("tr", {}, h("th", { scope: "row" }, account.name || account.id, account.name && h("span", { class: "dim id" }, account.id)), names.map((name) => draw(account, name)))))))];
}

function worstChecks() {
  const sums = new Map();
  for (const finding of openFailures()) {
    const key = finding.severity + " " + finding.check;
    const sum = sums.get(key) || { finding, number: 0, accounts: new Set() };
    sum.number += 1;
    sum.accounts.add(finding.account);
    sums.set(key, sum);
  }
  if (!sums.size) return [h("h2", {}, "Open failures"), h("p", {}, "None.")];
  const rank = (sum) => SEVERITIES.indexOf(sum.finding.severity);
  const list = [...sums.values()].sort((a, b) => rank(a) - rank(b) || b.number - a.number).slice(0, 15);
  const rows = list.map(({ finding, number, accounts: where }) => [mark(finding.severity),
    h("a", { href: link("findings", { state: "fail", severity: finding.severity, check: finding.check }) }, finding.title), number, where.size]);
  return [h("h2", {}, "What to look at first"), table("The checks with open failures, the worst first", ["Severity", "Check", ["Resources", "num"], ["Accounts", "num"]], rows)];
}

function overview() {
  return [answer(), tiles(), severities(), trend(), worstChecks(), heatMap()];
}

/* The requirements of the frameworks: as the policy assessed them, or as the checks that ran show them. */
function frameworks() {
  const found = new Map();
  for (const check of data.checks) {
    for (const control of check.controls) {
      const at = control.indexOf("/");
      const name = control.slice(0, at);
      if (!found.has(name)) found.set(name, new Map());
      const id = control.slice(at + 1);
      if (!found.get(name).has(id)) found.get(name).set(id, new Set());
      found.get(name).get(id).add(check.id);
    }
  }
  return found;
}

const FILL = { "not met": "fail", unknown: "unknown", met: "pass", "not applicable": "not_applicable", manual: "excepted", "not covered": "not_applicable" };

function assess(requirements) {
  const sums = new Map();
  for (const finding of data.findings) {
    if (!sums.has(finding.check)) sums.set(finding.check, { fail: 0, implied: 0, excepted: 0, unknown: 0, pass: 0, not_applicable: 0 });
    sums.get(finding.check)[finding.state] += 1;
  }
  return [...requirements].map(([id, ids]) => {
    const sum = { failures: 0, unknown: 0, good: 0 };
    for (const check of ids) {
      const of = sums.get(check);
      if (!of) continue;
      sum.failures += of.fail + of.implied;
      sum.unknown += of.unknown;
      sum.good += of.pass + of.excepted;
    }
    const state = sum.failures ? "not met" : sum.unknown ? "unknown" : sum.good ? "met" : "not applicable";
    const titles = [...ids].map((it) => checks.get(it).title);
    const title = titles[0] + (titles.length > 1 ? ", and " + count(titles.length - 1, "more check") : "");
    return { id, title, state, checks: [...ids], failures: sum.failures, unknown: sum.unknown };
  }).sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
}

function frameworkView(query) {
  const known = frameworks();
  const compliance = data.policy.compliance;
  const names = [...new Set([...(compliance ? [compliance.framework] : []), ...[...known.keys()].sort()])];
  if (!names.length) return [h("h1", { tabindex: "-1" }, "Frameworks"), h("p", {}, "No check of this scan speaks to a requirement.")];
  const name = names.includes(query.get("id")) ? query.get("id") : names[0];
  const assessed = compliance && compliance.framework === name;
  const requirements = assessed ? compliance.requirements : assess(known.get(name));
  const states = assessed ? Object.keys(FILL) : ["not met", "unknown", "met", "not applicable"];
  const wanted = query.get("state");
  const box = h("select", { id: "framework", onchange: () => { location.hash = link("frameworks", { id: box.value }); } }, names.map((it) => h("option", { value: it }, it)));
  box.value = name;
  const shown = requirements.filter((it) => !wanted || it.state === wanted);
  const parts = states.map((state) => [state, requirements.filter((it) => it.state === state).length, FILL[state]]);
  const choose = (state, number) => h("a", { href: link("frameworks", { id: name, state: wanted === state ? "" : state }), "aria-current": wanted === state ? "true" : undefined }, number + " " + state);
  const rows = shown.map((it) => [h("a", { href: link("findings", { state: "all", control: name + "/" + it.id }) }, it.id), it.title,
    h("span", { class: "state " + FILL[it.state] }, it.state), it.failures || "·", it.unknown || "·", it.checks.length]);
  return [h("h1", { tabindex: "-1" }, assessed ? compliance.title : "Framework " + name),
    h("div", { class: "filters" }, h("div", {}, h("label", { for: "framework" }, "Framework"), box)),
    !assessed && h("p", { class: "dim" }, "As the checks of this scan show it. Requirements that no check of this scan speaks to are not listed; scan with --policy " + name + " for all of them."),
    bar(parts), h("ul", { class: "legend" }, parts.filter(([, number]) => number).map(([state, number]) => h("li", {}, choose(state, number)))),
    table(wanted ? "Requirements that are " + wanted : "Requirements", ["Requirement", "Title", "State", ["Failures", "num"], ["Unknown", "num"], ["Checks", "num"]], rows)];
}

function exceptionsView() {
  const found = data.findings.filter((finding) => finding.exception);
  const rows = found.map((finding) => [
    h("a", { href: link("finding/" + finding.id) }, finding.title), h("span", { class: "id" }, finding.resource), accountName(finding.account),
    finding.exception.owner, finding.exception.reason, finding.exception.ticket || "", finding.exception.expires || "never",
    finding.exception.in_force ? "holds" : h("span", { class: "state fail" }, "does not hold", finding.exception.note ? ": " + finding.exception.note : "")]);
  const warnings = data.policy.warnings;
  return [h("h1", { tabindex: "-1" }, "Exceptions"),
    found.length ? table(count(found.length, "finding") + " with an exception", ["Finding", "Resource", "Account", "Owner", "Reason", "Ticket", "Expires", "Holds"], rows) : h("p", {}, "No finding has an exception."),
    warnings.length > 0 && [h("h2", {}, "Warnings"), h("ul", {}, warnings.map((warning) => h("li", {}, warning)))]];
}

function gapsView() {
  const unread = data.accounts.filter((account) => account.status !== "scanned");
  const without = data.accounts.filter((account) => account.excluded_regions.length);
  const reasons = new Map();
  for (const finding of data.findings) {
    if (finding.state === "unknown") for (const why of new Set(finding.unknown || ["not said"])) reasons.set(why, (reasons.get(why) || 0) + 1);
  }
  const sums = [...reasons].sort((a, b) => b[1] - a[1]);
  return [h("h1", { tabindex: "-1" }, "What could not be seen"),
    !unread.length && !without.length && !data.gaps.length && h("p", {}, "Everything that was asked for was read."),
    unread.length > 0 && [h("h2", {}, "Accounts not read"), table("Accounts and why", ["Account", "Status", "Why"], unread.map((account) => [(account.name || "") + " " + account.id, account.status, account.why || ""]))],
    without.length > 0 && [h("h2", {}, "Regions left out"), table("Enabled regions that this scan was told to leave out", ["Account", "Regions"], without.map((account) => [account.id, account.excluded_regions.join(", ")]))],
    data.gaps.length > 0 && [h("h2", {}, "Gaps"), table("Calls that gave no answer", ["Account", "Region", "Action", "Error", ["Times", "num"], "Such as"],
      data.gaps.map((gap) => [gap.account || "", gap.region || "global", h("code", {}, gap.action), gap.error, gap.count, h("span", { class: "id" }, gap.example || "")]))],
    sums.length > 0 && [h("h2", {}, "Verdicts that are unknown"), table("Why verdicts are unknown", ["Reason", ["Verdicts", "num"]], sums)]];
}

function snippet(kind, text) {
  const names = { text: "What to do", console: "Console", cli: "AWS CLI", terraform: "Terraform", cloudformation: "CloudFormation" };
  if (kind === "text") return h("p", {}, text);
  const button = h("button", { type: "button", "aria-label": "Copy " + (names[kind] || kind), onclick: () => copy(text, button) }, "Copy");
  return [h("h3", {}, names[kind] || kind), h("div", { class: "snippet" }, pre(text), button)];
}

function evidence(finding) {
  if (!finding.evidence) return null;
  const value = (it) => (typeof it === "string" ? it : JSON.stringify(it));
  return [h("h2", {}, "Evidence"), table("The values that decided", ["Path", "Value"],
    finding.evidence.map((it) => [h("code", {}, it.path), h("code", {}, value(it.value))]))];
}

function findingView(id) {
  const finding = byId.get(id);
  const back = h("p", {}, h("a", { href: "#/findings?" + lastQuery }, "← Findings"));
  if (!finding) return [back, h("h1", { tabindex: "-1" }, "There is no such finding in this report")];
  const check = checks.get(finding.check) || { description: "", risk: "", remediation: {}, controls: [], links: [] };
  const facts = [["Resource", h("span", { class: "id" }, finding.resource)], ["Name", finding.name], ["ARN", finding.arn && h("span", { class: "id" }, finding.arn)],
    ["Type", finding.type], ["Account", accountName(finding.account) === finding.account ? finding.account : accountName(finding.account) + " (" + finding.account + ")"],
    ["Region", finding.region], ["Declared at", finding.location && h("code", {}, finding.location.path + ":" + finding.location.line)],
    ["Tags", finding.tags && h("ul", { class: "chips" }, Object.entries(finding.tags).map(([key, value]) => h("li", {}, key + " = " + value)))],
    ["Check", h("a", { href: link("findings", { state: "all", check: finding.check }) }, finding.check)],
    ["Parameters", finding.params && h("code", {}, JSON.stringify(finding.params))], ["Fingerprint", h("code", {}, finding.id)]];
  const exception = finding.exception;
  // The texts of the check, those with names in braces filled by this resource's values.
  const remediation = { ...check.remediation, ...finding.remediation };
  const links = check.links.filter((it) => it.startsWith("https://"));
  return [back, h("h1", { tabindex: "-1" }, finding.title), h("p", {}, mark(finding.severity), " ", stateWord(finding.state)),
    (finding.messages || []).map((message) => h("p", {}, message)),
    finding.implied_by && h("p", {}, "Follows from the failure of " + finding.implied_by.join(", ") + " on the same resource."),
    finding.implies && h("p", {}, "Because of it these fail too: " + finding.implies.join(", ")),
    (finding.unknown || []).map((why) => h("p", {}, "Not known: " + why)),
    exception && h("p", {}, (exception.in_force ? "Accepted" : "No longer accepted") + " by " + exception.owner + ": " + exception.reason +
      (exception.expires ? "; expires " + exception.expires : "") + (exception.ticket ? "; " + exception.ticket : "") + (exception.note ? "; " + exception.note : "")),
    h("dl", {}, facts.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    evidence(finding),
    Object.keys(remediation).length > 0 && [h("h2", {}, "Remediation"), Object.entries(remediation).map(([kind, text]) => snippet(kind, text))],
    (check.description || check.risk) && [h("h2", {}, "About this check"), h("p", {}, check.description), h("p", {}, check.risk)],
    check.controls.length > 0 && [h("h2", {}, "Requirements"), h("ul", { class: "chips" }, check.controls.map((control) => h("li", {}, h("a", { href: link("findings", { state: "all", control }) }, control))))],
    links.length > 0 && [h("h2", {}, "See also"), h("ul", {}, links.map((href) => h("li", {}, h("a", { href, rel: "noopener noreferrer" }, href))))]];
}

const VIEWS = [["", "Overview", overview], ["findings", "Findings", findingsView], ["frameworks", "Frameworks", frameworkView],
  ["exceptions", "Exceptions", exceptionsView], ["gaps", "Gaps", gapsView]];

function show(first) {
  const [path, query] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const params = new URLSearchParams(query || "");
  rows = null;
  const view = VIEWS.find(([name]) => name === path) || VIEWS[0];
  const content = path.startsWith("finding/") ? findingView(path.slice(8)) : view[2](params);
  document.getElementById("main").replaceChildren(...[content].flat(9).filter(Boolean));
  document.getElementById("views").replaceChildren(...VIEWS.map(([name, label]) =>
    h("a", { href: link(name), "aria-current": name === (path.startsWith("finding/") ? "findings" : view[0]) ? "page" : undefined }, label)));
  const heading = document.querySelector("h1");
  document.title = plain(heading.textContent) + " · postura";
  scrollTo(0, 0);
  if (!first) heading.focus({ preventScroll: true });
}

document.getElementById("theme").addEventListener("click", () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
});
// The address says what is shown, so that the link to the content cannot use it.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main").focus();
});
addEventListener("hashchange", () => show(false));
show(true);
