// A real OIDC provider on loopback, for the tests of signing in: one client, anybody may sign in
// without being asked, and each awkward way of providers can be switched on.
//
// Arguments: REDIRECT MODE. The first line of output is the issuer.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// By NODE_PATH as well: packages are installed beside the clone.
const place = createRequire(import.meta.url).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(place));

const [redirect, mode] = process.argv.slice(2);

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
        client_secret: "the provider's secret",
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

let provider = made([signingKey("first")]);


// What an ID token may be turned into on its way out, for tests of what is refused.
const spoiled = (token) => {
  const [header, payload, signature] = token.split(".");
  const read = (part) => JSON.parse(Buffer.from(part, "base64url"));
  const written = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  switch (mode) {
    case "alg-none":
      return `${written({ ...read(header), alg: "none" })}.${payload}.`;
    case "unknown-kid":
      return `${written({ ...read(header), kid: "nobody" })}.${payload}.${signature}`;
    case "changed":
      return `${header}.${written({ ...read(payload), sub: "somebody-else" })}.${signature}`;
    default:
      return token;
  }
};

server.on("request", async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  if (pathname === "/turn-keys") {
    provider = made([signingKey("second")]);
    return response.end();
  }
  if (pathname.startsWith("/interaction/")) {
    const result = { login: { accountId: "ada" } };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
  if (pathname === "/token" && ["alg-none", "unknown-kid", "changed"].includes(mode)) {
    const end = response.end.bind(response);
    response.end = (chunk, ...rest) => {
      const answer = JSON.parse(chunk);
      if (!answer.id_token) return end(chunk, ...rest);
      const text = JSON.stringify({ ...answer, id_token: spoiled(answer.id_token) });
      response.setHeader("content-length", Buffer.byteLength(text));
      return end(text);
    };
  }
  return provider.callback()(request, response);
});

console.log(issuer);
