// The catalog's cases in WebAssembly, as the editor runs them: node catalog.cjs MODULE CATALOG.
// Prints one line `test NAME ... ok|FAILED` a policy, as cargo does.
const { readdirSync, readFileSync, existsSync } = require("node:fs");
const { join, resolve } = require("node:path");

const [, , module_, catalog] = process.argv;
const { run_cases } = require(resolve(module_));

const policies = readdirSync(catalog, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".yaml") && !name.endsWith(".cases.yaml"))
  .sort();
let failed = 0;
for (const name of policies) {
  const path = join(catalog, name);
  const cases = path.replace(/\.yaml$/, ".cases.yaml");
  const ran = existsSync(cases)
    ? JSON.parse(run_cases(readFileSync(path, "utf8"), readFileSync(cases, "utf8")))
    : { error: "it has no cases" };
  const wrong = ran.error ? [ran.error] : ran.filter((it) => !it.passed).map((it) => `${it.case}: ${it.difference}`);
  for (const text of wrong) console.log(`  ${text}`);
  if (wrong.length > 0) failed += 1;
}
console.log(
  `test result: ${failed === 0 ? "ok" : "FAILED"}. ${policies.length - failed} passed; ${failed} failed; 0 ignored;`,
);
process.exit(failed === 0 ? 0 : 1);
