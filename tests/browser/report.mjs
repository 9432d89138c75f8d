// Opens an `html` report in a real browser and uses it as people do: `node report.mjs CHROMIUM FILE`.
// The file holds hostile names (tests/it/browser.rs made it) and 20,000 findings. Prints what is wrong, and ends with 1
// if anything is.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, file] = process.argv.slice(2);
const url = pathToFileURL(file).href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wrong = [];

function check(holds, what) {
  if (!holds) wrong.push(what);
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

// The policy of the page stays in force but for axe, which has to get in.
async function open(hash, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("console", (message) => message.type() === "error" && wrong.push("console: " + message.text()));
  page.on("pageerror", (error) => wrong.push("error: " + error));
  page.on("dialog", (dialog) => { wrong.push("dialog: " + dialog.message()); dialog.dismiss(); });
  page.on("request", (request) => {
    const own = request.url().startsWith(url) || request.url().startsWith("data:,");
    if (!own) wrong.push("request: " + request.url());
  });
  await page.goto(url + hash);
  await page.waitForSelector("h1");
  return page;
}

async function accessible(hash, options) {
  const page = await open(hash, { bypassCSP: true, ...options });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const it of violations) {
    wrong.push("axe " + hash + " " + JSON.stringify(options) + ": " + it.id + " at " + it.nodes.slice(0, 3).map((node) => node.target + " " + (node.any[0] || node.all[0] || {}).message).join(" | "));
  }
  await page.context().close();
}

const count = (page) => page.evaluate(() => Number(document.querySelector("main > p").textContent.split(" ")[0].replace(/,/g, "")));

// Nothing of a name becomes markup, and what cannot be seen is written out.
let page = await open("");
check(await page.evaluate(() => document.querySelectorAll("img, iframe, object, embed, form").length === 0), "markup from a name");
check(await page.evaluate(() => document.scripts.length === 2), "a script from a name");
check((await page.title()).endsWith(" · postura"), "title");
for (const view of ["Findings", "Frameworks", "Exceptions", "Gaps", "Overview"]) {
  await page.click("nav >> text=" + view);
  await page.waitForSelector('nav a[aria-current="page"] >> text=' + view);
  check(await page.evaluate(() => document.activeElement.tagName === "H1"), view + ": the heading has no focus");
  check(await page.evaluate(() => document.querySelectorAll("img").length === 0), view + ": markup from a name");
}

// The list: only what is in sight is in the document; search is quick; the keyboard moves and opens.
page = await open("#/findings?state=all");
await page.waitForSelector(".rows .line");
check((await count(page)) === 20_000, "20,000 findings are not all there: " + (await count(page)));
const drawn = () => page.evaluate(() => document.querySelectorAll(".rows .line").length);
check((await drawn()) < 60, "the list draws " + (await drawn()) + " rows");
const slowest = await page.evaluate(async () => {
  const list = document.querySelector(".rows");
  let worst = 0;
  for (let at = 0; at < 60; at += 1) {
    const begun = performance.now();
    list.scrollTop = (list.scrollHeight * at) / 60;
    list.dispatchEvent(new Event("scroll"));
    list.getBoundingClientRect();
    worst = Math.max(worst, performance.now() - begun);
    await new Promise(requestAnimationFrame);
  }
  return worst;
});
check(slowest < 200, "scrolling stalls for " + slowest + " ms");
const begun = Date.now();
await page.fill("#q", "onerror");
await page.waitForFunction(() => !document.querySelector("main > p").textContent.startsWith("20,000 "));
const searched = Date.now() - begun;
check(searched < 2_000, "a search takes " + searched + " ms");
const hits = await count(page);
check(hits > 0 && hits < 20_000, "the search finds " + hits);
await page.reload();
await page.waitForSelector(".rows .line");
check((await count(page)) === hits, "the search does not survive a reload");
check((await page.inputValue("#q")) === "onerror", "the field is empty after a reload");
const text = await page.textContent(".rows");
check(text.includes("<img src=x onerror=alert(1)>"), "the name is not shown as it is");
check(text.includes("\\u{202e}") && !text.includes("\u202e"), "a mark that turns the writing is not written out");
await page.focus(".rows a[tabindex='0']");
for (const key of ["ArrowDown", "ArrowDown", "PageDown", "End", "Home", "ArrowDown"]) await page.keyboard.press(key);
check((await page.evaluate(() => document.activeElement.dataset.at)) === "1", "the keyboard does not move in the list");
await page.keyboard.press("Enter");
await page.waitForSelector("text=Fingerprint");
check(/#\/finding\/[0-9a-f]{32}$/.test(page.url()), "a finding has no address of its own");
await page.reload();
await page.waitForSelector("text=Fingerprint");
await page.context().grantPermissions(["clipboard-read", "clipboard-write"]).catch(() => {});
const copy = page.locator(".snippet button").first();
if (await copy.count()) {
  await copy.click();
  await page.waitForFunction(() => document.getElementById("said").textContent === "Copied").catch(() => wrong.push("nothing is copied"));
}
await page.click("text=← Findings");
await page.waitForSelector("#by-severity");
await page.click("role=columnheader >> text=Severity");
check((await page.getAttribute("[data-sort=severity]", "aria-sort")) === "ascending", "sorting is not told");
await page.selectOption("#by-severity", "critical");
check(page.url().includes("severity=critical") && page.url().includes("sort=severity"), "filters are not in the address");

// On paper all rows are there.
await page.goto(url + "#/findings?state=fail&severity=critical");
await page.waitForSelector(".rows .line");
const critical = await count(page);
await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
check((await drawn()) === Math.min(critical, 3_000), "paper shows " + (await drawn()) + " of " + critical);
await page.evaluate(() => dispatchEvent(new Event("afterprint")));
check((await drawn()) < 60, "the list stays long after printing");

const finding = (await page.getAttribute(".rows a", "href"));
for (const hash of ["", "#/findings", "#/frameworks", "#/exceptions", "#/gaps", finding]) {
  for (const colorScheme of ["light", "dark"]) await accessible(hash, { colorScheme });
}
for (const hash of ["", "#/findings", "#/gaps"]) await accessible(hash, { viewport: { width: 390, height: 800 } });

await browser.close();
console.log([...new Set(wrong)].join("\n") || "the report is well: search " + searched + " ms, slowest scroll " + Math.round(slowest) + " ms");
process.exit(wrong.length ? 1 : 0);
