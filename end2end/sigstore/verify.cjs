// Sigstore's own verifier in JavaScript as a second opinion: a line of JSON in for each question,
// a line of JSON out for each answer. `crates/testkit/src/second_opinion.rs` says what is in them.

const readline = require("node:readline");

const { bundleFromJSON } = require("@sigstore/bundle");
const { TrustedRoot } = require("@sigstore/protobuf-specs");
const { Verifier, toSignedEntity, toTrustMaterial } = require("@sigstore/verify");

const verifiers = new Map();

function verifierOf(trustedRoot) {
  if (!verifiers.has(trustedRoot)) {
    const root = TrustedRoot.fromJSON(JSON.parse(trustedRoot));
    verifiers.set(trustedRoot, new Verifier(toTrustMaterial(root)));
  }
  return verifiers.get(trustedRoot);
}

/** Throws where the question's bundle is not to be believed. */
function verify(question) {
  const bundle = bundleFromJSON(JSON.parse(question.bundle));
  const artifact = Buffer.from(question.artifact ?? "", "base64");
  const entity = toSignedEntity(bundle, artifact);
  // The name is taken for a regular expression.
  const subjectAlternativeName = `^${question.subject.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`;
  const policy = { subjectAlternativeName, extensions: { issuer: question.issuer } };
  verifierOf(question.trustedRoot).verify(entity, policy);
  if (bundle.content.$case === "dsseEnvelope") {
    isAbout(bundle.content.dsseEnvelope, question.digest);
  }
}

/** The verifier leaves it to its callers what a statement is about. */
function isAbout(envelope, digest) {
  if (envelope.payloadType !== "application/vnd.in-toto+json") {
    throw new Error(`a payload of type ${envelope.payloadType}`);
  }
  const { subject } = JSON.parse(envelope.payload.toString());
  if (!subject.some((it) => it.digest.sha256 === digest)) {
    throw new Error("the statement is about something else");
  }
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const question = JSON.parse(line);
  const answer = { number: question.number, accepts: true, said: "" };
  try {
    verify(question);
  } catch (error) {
    answer.accepts = false;
    answer.said = `${error.name}: ${error.message}`;
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
