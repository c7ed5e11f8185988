// What every page test needs: a real server with the demo fleet, and somebody signed in.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test as base, type Browser, type Page } from "@playwright/test";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The repository prefix of the demo's images. */
const PREFIX = "registry.demo.test/";

/** A running server, and where its files are. */
export interface House {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** The image-layout folder; take a signature out of it and the next sweep sees that. */
  images: string;
  /** The home of the command line. */
  home: string;
  /** A fresh link that signs somebody in, once. */
  signInLink: () => Promise<string>;
}

type SignedIn = Awaited<ReturnType<Awaited<ReturnType<Browser["newContext"]>>["storageState"]>>;

/**
 * `test` with a server of the worker's own. Pages are signed in as the owner; for a visitor:
 * `test.use({ storageState: { cookies: [], origins: [] } })`.
 */
export const test = base.extend<object, { house: House; owner: SignedIn }>({
  house: [
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), "loadline-end2end-"));
      const started = await start(folder);
      try {
        await use(started.house);
      } finally {
        await end(started.child);
        rmSync(folder, { recursive: true, force: true });
      }
    },
    { scope: "worker", timeout: 120_000 },
  ],

  owner: [
    async ({ browser, house }, use) => {
      const context = await browser.newContext();
      await signIn(await context.newPage(), await house.signInLink());
      const state = await context.storageState();
      await context.close();
      await use(state);
    },
    { scope: "worker" },
  ],

  baseURL: ({ house }, use) => use(house.url),
  storageState: ({ owner }, use) => use(owner),
});

export { expect };

/** Follows a one-time link and presses the button behind it. */
export async function signIn(page: Page, link: string) {
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).not.toHaveURL(/\/sign-in/);
}

/**
 * axe finds nothing on the page as it stands, by WCAG 2.2 AA and its best practices. It is a
 * script itself: in a test that switches scripts off it would wait for ever.
 */
export async function axe(page: Page) {
  const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await new AxeBuilder({ page }).withTags(levels).analyze();
  const found = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    where: nodes.map((node) => node.html),
  }));
  expect(found, `accessibility of ${page.url()}`).toEqual([]);
}

async function start(folder: string): Promise<{ child: ChildProcess; house: House }> {
  const server = program("LOADLINE_SERVER_BIN");
  const data = join(folder, "data");
  const images = join(folder, "images");
  mkdirSync(images);
  const options = ["--data", data, "--site", site(), "--layout", `${PREFIX}=${images}`];
  const child = spawn(server, ["--listen", "127.0.0.1:0", ...options, "--demo"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, LOADLINE_LOG: process.env.LOADLINE_LOG ?? "warn" },
  });
  try {
    const { url, link } = await said(child);
    const demo = ["demo", "--server", url, "--sign-in", link, "--folder", images];
    await run(program("LOADLINE_CLI_BIN"), demo, { cwd: folder, env: atHome(folder) });
    const signInLink = async () => {
      const listen = url.replace("http://", "");
      const { stdout } = await run(server, ["owner-link", "--data", data, "--listen", listen]);
      return after(stdout, "sign in: ");
    };
    return { child, house: { url, images, home: folder, signInLink } };
  } catch (error) {
    await end(child);
    throw error;
  }
}

/** What the server prints when it is ready. */
async function said(child: ChildProcess): Promise<{ url: string; link: string }> {
  let text = "";
  for await (const line of createInterface({ input: child.stdout! })) {
    text += `${line}\n`;
    if (text.includes("listening on ") && text.includes("sign in: ")) {
      // Read on, or the server would stop at a full pipe.
      child.stdout!.resume();
      return { url: after(text, "listening on "), link: after(text, "sign in: ") };
    }
  }
  throw new Error(`the server ended before it listened; it said: ${text}`);
}

function after(text: string, start: string): string {
  const line = text.split("\n").find((each) => each.startsWith(start));
  if (line === undefined) throw new Error(`no line starts with "${start}" in: ${text}`);
  return line.slice(start.length).trim();
}

async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** The command line keeps its sign-in below HOME; the tests leave the person's own alone. */
function atHome(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, HOME: folder, XDG_CONFIG_HOME: join(folder, "config") };
}

function site(): string {
  return process.env.LOADLINE_SITE ?? resolve(__dirname, "../target/site");
}

function program(variable: string): string {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set; \`cargo xtask test\` sets it`);
  return path;
}
