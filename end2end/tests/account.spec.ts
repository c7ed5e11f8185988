// One's own account: tokens, sessions, a password with one-time codes, with scripts and without.
import { type Browser, type Page } from "@playwright/test";
import { createHmac } from "node:crypto";
import { axe, expect, type House, signIn, test } from "../fixtures";

const main = (page: Page) => page.locator("main");

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

const NOBODY = { cookies: [], origins: [] };
const PASSWORD = "four plain words here";
const OTHER = "five other plain words";

/** The code of an authenticator app, so many steps from now (RFC 6238). */
function code(address: string, steps: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const secret = new URL(address).searchParams.get("secret")!;
  const bits = [...secret].map((it) => letters.indexOf(it).toString(2).padStart(5, "0")).join("");
  const bytes = bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac("sha1", Buffer.from(bytes)).update(step).digest();
  const number = tag.readUInt32BE(tag[19]! & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** Another browser, where whoever holds the link is signed in. */
async function elsewhere(browser: Browser, link: string, javaScriptEnabled: boolean): Promise<Page> {
  const context = await browser.newContext({ storageState: NOBODY, javaScriptEnabled });
  const page = await context.newPage();
  await signIn(page, link);
  return page;
}

/** Makes somebody known who owns staging, and gives their name. */
async function known(page: Page, name: string) {
  await page.goto("/people/new?kind=person");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Issuer", { exact: true }).fill("https://people.demo.test");
  await page.getByLabel("Account", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Make them known" }).click();
  await page.getByLabel("Group", { exact: true }).selectOption({ label: "acme/staging" });
  await page.getByRole("button", { name: `Grant it to ${name}` }).click();
  await expect(heading(page)).toHaveText(`${name} holds 1 role`);
}

/** On somebody's page: a one-time link, shown once. */
async function link(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Make a one-time sign-in link" }).click();
  await expect(heading(page)).toContainText("once, until");
  const link = /http\S+\/sign-in\?secret=\S+/.exec(await main(page).innerText())![0];
  expect(page.url()).not.toContain(new URL(link).searchParams.get("secret"));
  await page.reload();
  await expect(heading(page)).toHaveText("The link was shown before");
  await main(page).getByRole("link", { name: /^Go to / }).click();
  return link;
}

async function signInByPassword(page: Page, name: string, password: string, code: string) {
  await page.goto("/sign-in");
  await page.getByText("Sign in with a password").click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("One-time code").fill(code);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function setPassword(page: Page, password: string, again: string, present?: string) {
  if (present !== undefined) await page.getByLabel("Present password").fill(present);
  await page.getByLabel("New password", { exact: true }).fill(password);
  await page.getByLabel("New password again").fill(again);
  await page.getByRole("button", { name: /^(Set|Change) it$/ }).click();
}

const whoami = async (house: House, token: string) =>
  fetch(`${house.url}/api/v1/whoami`, { headers: { authorization: `Bearer ${token}` } });

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "with" : "without";
  test.describe(`${way} scripts`, () => {
    test.use({ javaScriptEnabled });

    test("a token is made, seen once, used and revoked", async ({ page, house }) => {
      test.setTimeout(120_000);
      const name = `report ${way}`;
      await page.goto("/");
      await page.getByRole("navigation", { name: "Console" }).getByText("Sessions and tokens").click();
      await page.getByRole("navigation", { name: /^Views of/ }).getByText("Tokens").click();
      await page.getByRole("link", { name: "New token" }).click();
      // What it may do is chosen on purpose; what was typed is kept.
      await page.getByLabel("Name", { exact: true }).fill(name);
      await page.getByLabel("It ends after").selectOption({ label: "7 days" });
      await page.getByLabel("Where it may act").selectOption({ label: "acme/staging" });
      await page.getByRole("button", { name: "Make the token, and show its secret" }).click();
      await expect(main(page)).toContainText("Choose what it may do");
      await expect(page.getByLabel("Name", { exact: true })).toHaveValue(name);
      await expect(page.getByLabel("It ends after")).toHaveValue("7");
      await page.getByLabel("What it may do").selectOption("only");
      await page.getByRole("checkbox", { name: "clusters.list" }).check();
      await page.getByRole("button", { name: "Make the token, and show its secret" }).click();
      await expect(heading(page)).toContainText(`The token ${name} works until`);
      const secret = /llp_[0-9a-f]+/.exec(await main(page).innerText())![0];
      expect(page.url()).not.toContain(secret);
      await page.reload();
      await expect(heading(page)).toHaveText("The secret was shown before");

      const answer = await whoami(house, secret);
      expect(answer.status).toBe(200);
      const { groups } = (await answer.json()) as { groups: { group: string; capabilities: string[] }[] };
      expect(groups).toEqual([{ group: "acme/staging", capabilities: ["clusters.list"] }]);

      await main(page).getByRole("link", { name: "Go to your tokens" }).click();
      const row = page.getByRole("row").filter({ hasText: name });
      await expect(row).toContainText("acme/staging and below");
      await expect(row).toContainText("1 capability");
      await expect(row).toContainText("s ago");
      await row.getByText("Revoke…").click();
      await row.getByRole("button", { name: `Revoke ${name}` }).click();
      await expect(main(page).getByText(name)).toHaveCount(0);
      expect((await whoami(house, secret)).status).toBe(401);
    });

    test("a session elsewhere is ended, and then all others", async ({ page, browser, house }) => {
      test.setTimeout(120_000);
      const [first, second, third] = [
        await elsewhere(browser, await house.signInLink(), javaScriptEnabled),
        await elsewhere(browser, await house.signInLink(), javaScriptEnabled),
        await elsewhere(browser, await house.signInLink(), javaScriptEnabled),
      ];
      await first.goto("/account");
      await expect(first.getByRole("row").filter({ hasText: "This one" })).toHaveCount(1);
      await expect(main(first)).toContainText("Chrome on Linux");
      // The latest is the first row that is not this one.
      const row = first.getByRole("row").filter({ hasText: "End…" }).first();
      await row.getByText("End…").click();
      await row.getByRole("button", { name: "End the session" }).click();
      await third.goto("/account");
      await expect(third).toHaveURL(/\/sign-in/);
      await second.goto("/account");
      await expect(heading(second)).toContainText("You are signed in here and at");
      await page.goto("/account");
      await page.getByText("End all other sessions…").click();
      await page.getByRole("button", { name: /^End \d+ other sessions?$/ }).click();
      await expect(heading(page)).toHaveText("You are signed in here and nowhere else");
      for (const other of [first, second]) {
        await other.goto("/account");
        await expect(other).toHaveURL(/\/sign-in/);
      }
      for (const other of [first, second, third]) await other.context().close();
    });

    test("somebody gets a password by a link, adds codes, and is helped when both are lost", async ({
      page,
      browser,
    }) => {
      test.setTimeout(180_000);
      const name = `ada-${way}`;
      await known(page, name);
      const ada = await elsewhere(browser, await link(page), javaScriptEnabled);
      await ada.goto("/account?tab=sign-in");
      await expect(heading(ada)).toHaveText("You have no password here");
      await ada.getByLabel("Name", { exact: true }).fill(name);
      await setPassword(ada, PASSWORD, OTHER);
      await expect(main(ada)).toContainText("That is not the same");
      await expect(ada.getByLabel("Name", { exact: true })).toHaveValue(name);
      await expect(ada.getByLabel("New password", { exact: true })).toHaveValue("");
      await setPassword(ada, "password1234", "password1234");
      await expect(main(ada)).toContainText("guessed at once");
      await setPassword(ada, PASSWORD, PASSWORD);
      await expect(main(ada)).toContainText("Your password is set");

      // Codes: an app reads the address; nothing is asked for before one was right.
      await ada.getByRole("button", { name: "Turn codes on" }).click();
      await expect(ada.getByRole("img", { name: "QR code for an authenticator app" })).toBeVisible();
      const address = /otpauth:\S+/.exec(await main(ada).innerText())![0];
      await ada.getByLabel("One-time code").fill("000000x");
      await ada.getByRole("button", { name: "Ask for codes from now on" }).click();
      await expect(main(ada)).toContainText("no code of yours that still counts");
      await expect(main(ada)).toContainText("The QR code was shown before");
      // Each step counts once, so the sign-in takes the next one, which counts already.
      await ada.getByLabel("One-time code").fill(code(address, 0));
      await ada.getByRole("button", { name: "Ask for codes from now on" }).click();
      await expect(heading(ada)).toHaveText(`You can sign in as ${name} by a password and a code`);
      await ada.getByRole("button", { name: "Sign out" }).click();
      await signInByPassword(ada, name, PASSWORD, "");
      await expect(main(ada)).toContainText("name, password or code is not right");
      await signInByPassword(ada, name, PASSWORD, code(address, 1));
      await expect(ada).not.toHaveURL(/\/sign-in/);

      // By a password one is asked for it before it is changed.
      await ada.goto("/account?tab=sign-in");
      await setPassword(ada, OTHER, OTHER, "not it, I fear");
      await expect(main(ada)).toContainText("That is not your present password");

      // An owner puts her out everywhere, and lets her in again by a link, which stands for both.
      await page.getByText("End all sessions…").click();
      await page.getByRole("button", { name: `End all sessions of ${name}` }).click();
      await expect(main(page)).toContainText(`1 session of ${name} ended`);
      await ada.goto("/account");
      await expect(ada).toHaveURL(/\/sign-in/);
      await ada.context().close();
      const back = await elsewhere(browser, await link(page), javaScriptEnabled);
      await back.goto("/account?tab=sign-in");
      await expect(main(back)).toContainText("your present password is not asked for");
      await setPassword(back, OTHER, OTHER);
      await expect(main(back)).toContainText("Your password is set");
      await back.getByRole("button", { name: "Turn codes off" }).click();
      await expect(heading(back)).toHaveText(`You can sign in as ${name} by a password`);
      await back.getByRole("button", { name: "Sign out" }).click();
      await signInByPassword(back, name, OTHER, "");
      await expect(back).not.toHaveURL(/\/sign-in/);

      // She makes links for nobody, not even herself, and reads why.
      await back.goto(new URL(page.url()).pathname);
      await expect(main(back)).toContainText("This is you");
      await expect(main(back)).toContainText("You need identity.update at the installation");
      await expect(back.getByRole("button", { name: "Make a one-time sign-in link" })).toBeDisabled();
      await back.context().close();
    });
  });
}

test("the pages that show something once have nothing for axe to say", async ({ page }) => {
  test.setTimeout(180_000);
  const inBoth = async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await axe(page);
    }
  };
  await page.goto("/account/tokens/new");
  await page.getByLabel("Name", { exact: true }).fill("seen by axe");
  await page.getByLabel("What it may do").selectOption("all");
  await page.getByRole("button", { name: "Make the token, and show its secret" }).click();
  await expect(heading(page)).toContainText("works until");
  await inBoth();
  await main(page).getByRole("link", { name: "Go to your tokens" }).click();
  await inBoth();
  await known(page, "seen-by-axe");
  await inBoth();
  await page.getByRole("button", { name: "Make a one-time sign-in link" }).click();
  await expect(heading(page)).toContainText("once, until");
  await inBoth();
});
