// How long the editor's module takes to check a policy of 200 lines: node check.cjs MODULE.
// Prints the median of many runs in milliseconds of the process's own time, once it is warm.
const { resolve } = require("node:path");

const { check } = require(resolve(process.argv[2]));

const authority = (number) => `  - name: a${number}
    keyless:
      identities:
      - issuer: https://accounts.example.com
        subjectRegExp: ^https://github\\.com/acme/.+@refs/tags/v${number}$
`;
const head = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: p}
spec:
  images: [{glob: 'ghcr.io/acme/**'}]
  authorities:
`;
const text = head + Array.from({ length: 39 }, (_, number) => authority(number)).join("");
if (!JSON.parse(check(text)).valid) throw new Error(check(text));

const N_RUNS = 10;
const run = () => {
  const before = process.cpuUsage();
  for (let n = 0; n < N_RUNS; n += 1) check(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / N_RUNS;
};
for (let n = 0; n < 5; n += 1) run();
const times = Array.from({ length: 21 }, run).sort((one, other) => one - other);
console.log(times[10].toFixed(2));
