// Sigstore's own signer in JavaScript with the mocked services of `@sigstore/mock`, each behind a
// server on loopback: prints the trusted root and the bundles as one JSON document.
//
// Usage: sign.cjs ISSUER SUBJECT ARTIFACT STATEMENT, the last two as text.

const crypto = require("node:crypto");
const http = require("node:http");

const { bundleToJSON } = require("@sigstore/bundle");
const mock = require("@sigstore/mock");
const { HashAlgorithm, PublicKeyDetails, TrustedRoot } = require("@sigstore/protobuf-specs");
const {
  DSSEBundleBuilder,
  FulcioSigner,
  MessageSignatureBundleBuilder,
  RekorWitness,
  TSAWitness,
} = require("@sigstore/sign");

const IN_TOTO = "application/vnd.in-toto+json";

const keyPair = () => crypto.generateKeyPairSync("ec", { namedCurve: "prime256v1" });

/** Serves a mocked service; the address to ask it at. */
async function serve(servers, handler) {
  const server = http.createServer((request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", async () => {
      const answer = await handler.fn(Buffer.concat(pieces).toString());
      response.writeHead(answer.statusCode, { "content-type": answer.contentType ?? "text/plain" });
      response.end(answer.response);
    });
  });
  servers.push(server);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}`;
}

function authority(...chain) {
  return {
    subject: { commonName: "mock", organization: "mock" },
    uri: "https://mock.invalid",
    certChain: { certificates: chain.map((it) => ({ rawBytes: Buffer.from(it) })) },
    validFor: { start: new Date(0), end: undefined },
    operator: "",
  };
}

function log(key) {
  const rawBytes = Buffer.from(key);
  return {
    baseUrl: "https://mock.invalid",
    hashAlgorithm: HashAlgorithm.SHA2_256,
    logId: { keyId: crypto.createHash("sha256").update(rawBytes).digest() },
    publicKey: {
      rawBytes,
      keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
      validFor: { start: new Date(0), end: undefined },
    },
    checkpointKeyId: undefined,
    operator: "",
  };
}

/** Nobody checks its signature here: the mocked authority believes every token. */
function token(issuer, subject) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ iss: issuer, sub: subject, aud: "sigstore" })}.`;
}

async function main([issuer, subject, artifact, statement]) {
  const servers = [];
  const [authorityKey, logKey, certificateLogKey, stampKey] = [1, 2, 3, 4].map(keyPair);
  const ctLog = await mock.initializeCTLog(certificateLogKey);
  const ca = await mock.initializeCA(authorityKey, ctLog);
  const tLog = await mock.initializeTLog("https://mock.invalid", logKey);
  const tsa = await mock.initializeTSA(stampKey);
  // Whole seconds: of fractions it writes what the verifier cannot read.
  tsa.getCurrentTime = () => new Date(Math.floor(Date.now() / 1000) * 1000);
  const strict = { strict: true };
  const fulcioBaseURL = await serve(servers, mock.fulcioHandler(ca, strict));
  const rekorBaseURL = await serve(servers, mock.rekorHandler(tLog, strict));
  const tsaBaseURL = await serve(servers, mock.tsaHandler(tsa, strict));

  const identityProvider = { getToken: async () => token(issuer, subject) };
  const signer = () => new FulcioSigner({ fulcioBaseURL, identityProvider });
  const logged = (entryType) => new RekorWitness({ rekorBaseURL, entryType });
  const stamped = () => new TSAWitness({ tsaBaseURL });
  const message = (witnesses) => new MessageSignatureBundleBuilder({ signer: signer(), witnesses });
  const stated = (witnesses) => new DSSEBundleBuilder({ signer: signer(), witnesses });
  const builders = [
    ["message", message([logged("dsse")]), artifact],
    ["message-stamped", message([logged("dsse"), stamped()]), artifact],
    ["message-other", message([logged("dsse"), stamped()]), `${artifact}, and more`],
    // Of the kind `dsse` the mocked log keeps no signatures, so that nobody can believe it.
    ["statement", stated([logged("intoto")]), statement],
    ["statement-stamped", stated([logged("intoto"), stamped()]), statement],
    ["statement-other", stated([logged("intoto"), stamped()]), `${statement} `],
    ["statement-broken", stated([logged("dsse")]), statement],
  ];
  const bundles = {};
  for (const [name, builder, text] of builders) {
    const type = name.startsWith("statement") ? IN_TOTO : undefined;
    const bundle = await builder.create({ data: Buffer.from(text), type });
    bundles[name] = JSON.stringify(bundleToJSON(bundle));
  }
  const root = TrustedRoot.toJSON({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [log(tLog.publicKey)],
    ctlogs: [log(ctLog.publicKey)],
    certificateAuthorities: [authority(ca.rootCertificate)],
    timestampAuthorities: [authority(tsa.intCertificate, tsa.rootCertificate)],
  });
  servers.forEach((server) => server.close());
  process.stdout.write(JSON.stringify({ trustedRoot: JSON.stringify(root), bundles }));
}

main(process.argv.slice(2));
