// How long an `html` report takes in a real browser: `node measure.mjs CHROMIUM FILE`. The figures of
// docs/benchmarks.md come from here.

import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, file] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const milliseconds = (value) => value.toFixed(1) + " ms";

let begun = performance.now();
await page.goto(pathToFileURL(file).href + "#/findings?state=all");
await page.waitForSelector(".rows .line");
console.log("until the list is there:", milliseconds(performance.now() - begun));

const frames = await page.evaluate(async () => {
  const list = document.querySelector(".rows");
  const times = [];
  for (let at = 0; at < 300; at += 1) {
    const begun = performance.now();
    list.scrollTop = (list.scrollHeight * at) / 300;
    list.dispatchEvent(new Event("scroll"));
    list.getBoundingClientRect();
    times.push(performance.now() - begun);
    await new Promise(requestAnimationFrame);
  }
  return times.sort((one, other) => one - other);
});
console.log("a step of scrolling: median", milliseconds(frames[150]) + ", worst", milliseconds(frames[299]));

const shown = () => page.evaluate(() => document.querySelector("main > p").textContent);
const all = await shown();
begun = performance.now();
await page.fill("#q", "us-east-1");
await page.waitForFunction((all) => document.querySelector("main > p").textContent !== all, all, { polling: 5 });
console.log("a search:", milliseconds(performance.now() - begun), "(" + (await shown()).trim() + ")");

begun = performance.now();
await page.click("role=columnheader >> text=Severity");
await page.waitForSelector("[data-sort=severity][aria-sort]");
console.log("sorting:", milliseconds(performance.now() - begun));
await browser.close();
