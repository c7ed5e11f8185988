// Scores each family of pages by Lighthouse, signed in by a one-time link, and prints a row for
// each: `node run.mjs SERVER LINK`.
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";

// The packages lie outside the clone, where only `require` looks for them.
const require = createRequire(import.meta.url);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { default: lighthouse } = await load("lighthouse");
const { launch } = await load("chrome-launcher");

const [server, link] = process.argv.slice(2);
const chromePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
const categories = ["performance", "accessibility", "best-practices"];

const signedIn = await fetch(new URL("/sign-in", server), {
  method: "POST",
  redirect: "manual",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: `secret=${new URL(link).searchParams.get("secret")}`,
});
const cookie = signedIn.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
if (cookie === "") throw new Error(`the link signed nobody in: ${signedIn.status}`);

const first = async (list) => {
  const page = await fetch(new URL(list, server), { headers: { cookie } });
  return new RegExp(`href="(${list}/[0-9a-f]{16}[^"]*)"`).exec(await page.text())[1];
};
const pages = {
  "sign-in": "/sign-in",
  overview: "/",
  clusters: "/clusters",
  "one cluster": await first("/clusters"),
  policies: "/policies",
  "one policy": await first("/policies"),
  groups: "/groups",
  "policy form": "/policies/new",
};

const chromeFlags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"];
const chrome = await launch({ chromePath, chromeFlags });
try {
  for (const [name, path] of Object.entries(pages)) {
    const options = { port: chrome.port, onlyCategories: categories, extraHeaders: { cookie } };
    const { lhr } = await lighthouse(new URL(path.replaceAll("&amp;", "&"), server).href, options);
    const scores = categories.map((id) => Math.round(lhr.categories[id].score * 100));
    console.log(`| Lighthouse, ${name}: performance, accessibility, best practices | ≥ 95 | ${scores.join(", ")} |`);
  }
} finally {
  await chrome.kill();
}
