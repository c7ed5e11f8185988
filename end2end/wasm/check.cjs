// How long the editor's module takes to check a policy of 200 lines: node check.cjs MODULE.
// Prints the median of many runs in milliseconds.
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

const times = Array.from({ length: 50 }, () => {
  const start = performance.now();
  check(text);
  return performance.now() - start;
}).sort((one, other) => one - other);
console.log(times[25].toFixed(2));
