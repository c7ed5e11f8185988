// A real OIDC provider on loopback, for the tests of signing in: one client, anybody may sign in
// without being asked, and each awkward way of providers can be switched on.
//
// Arguments: REDIRECT MODE. The first line of output is the issuer. `/mode/MODE` changes how ID
// tokens are spoiled from now on, `/turn-keys` gives the provider another key.
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// By NODE_PATH as well: packages are installed beside the clone.
const place = createRequire(import.meta.url).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(place));

const [redirect, ...modes] = process.argv.slice(2);
let [mode] = modes;
const secret = "the provider's secret";

const signingKey = (kid) => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), kid, use: "sig", alg: "ES256" };
};

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const made = (keys) =>
  new Provider(issuer, {
    clients: [
      {
        client_id: "loadline",
        client_secret: secret,
        redirect_uris: [redirect],
        post_logout_redirect_uris: [`${new URL(redirect).origin}/sign-in`],
        grant_types: ["authorization_code"],
        id_token_signed_response_alg: "ES256",
      },
    ],
    jwks: { keys },
    // With `true`, the default, an address is in the userinfo answer alone.
    conformIdTokenClaims: mode !== "email-in-token",
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    async findAccount(_context, id) {
      const claims = { sub: id, name: "Ada Lovelace", email: "Ada@acme.example" };
      claims.email_verified = mode !== "unverified";
      return { accountId: id, claims: async () => claims };
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    async loadExistingGrant(context) {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });

let key = signingKey("first");
let provider = made([key]);

const read = (part) => JSON.parse(Buffer.from(part, "base64url"));
const written = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

// With the provider's own key: what is wrong then is what the token says.
const signed = (header, claims) => {
  const text = `${written(header)}.${written(claims)}`;
  const by = { key: createPrivateKey({ key, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  return `${text}.${sign("sha256", Buffer.from(text), by).toString("base64url")}`;
};

// By a secret instead of a key.
const authenticated = (header, payload, by) => {
  const text = `${written({ ...header, alg: "HS256" })}.${payload}`;
  return `${text}.${createHmac("sha256", by).update(text).digest("base64url")}`;
};

// What an ID token may be turned into on its way out; `undefined` in every other mode.
const spoiled = (token) => {
  const [head, payload, signature] = token.split(".");
  const [header, claims] = [read(head), read(payload)];
  switch (mode) {
    case "signed-again":
      return signed(header, claims);
    case "alg-none":
      return `${written({ ...header, alg: "none" })}.${payload}.`;
    case "unknown-kid":
      return `${written({ ...header, kid: "nobody" })}.${payload}.${signature}`;
    case "changed":
      return `${head}.${written({ ...claims, sub: "somebody-else" })}.${signature}`;
    case "client-secret":
      return authenticated(header, payload, secret);
    case "key-as-secret": {
      const spki = { type: "spki", format: "pem" };
      return authenticated(header, payload, createPublicKey({ key, format: "jwk" }).export(spki));
    }
    case "audience":
      return signed(header, { ...claims, aud: "another-client" });
    case "issuer":
      return signed(header, { ...claims, iss: "https://another.example" });
    case "nonce":
      return signed(header, { ...claims, nonce: "another" });
    case "ended":
      return signed(header, { ...claims, iat: claims.iat - 7200, exp: claims.iat - 3600 });
    default:
      return undefined;
  }
};

server.on("request", async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  if (pathname === "/turn-keys") {
    key = signingKey("second");
    provider = made([key]);
    return response.end();
  }
  if (pathname.startsWith("/mode/")) {
    mode = pathname.slice("/mode/".length);
    return response.end();
  }
  if (pathname.startsWith("/interaction/")) {
    const result = { login: { accountId: "ada" } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
  if (pathname === "/token") {
    const end = response.end.bind(response);
    response.end = (chunk, ...rest) => {
      const answer = JSON.parse(chunk);
      const token = answer.id_token && spoiled(answer.id_token);
      if (!token) return end(chunk, ...rest);
      const text = JSON.stringify({ ...answer, id_token: token });
      response.setHeader("content-length", Buffer.byteLength(text));
      return end(text);
    };
  }
  return provider.callback()(request, response);
});

console.log(issuer);
