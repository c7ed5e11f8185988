// Who may do what, set up in the browser from nothing: with scripts and without.
import { type Browser, type Page } from "@playwright/test";
import { axe, expect, type House, signIn, test } from "../fixtures";

const main = (page: Page) => page.locator("main");

/** Opens one of the views of a thing: a tab, which is a link. */
const view = (page: Page, name: string) =>
  page.getByRole("navigation", { name: /^Views of/ }).getByText(name).first().click();

const heading = (page: Page) => page.getByRole("heading", { level: 1 });

/** A public key as an issuer publishes it. */
const KEYS = JSON.stringify({
  keys: [
    {
      kty: "EC",
      crv: "P-256",
      kid: "one",
      // The example of RFC 7517, A.1.
      x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
      y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    },
  ],
});

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "with" : "without";
  test.describe(`${way} scripts`, () => {
    test.use({ javaScriptEnabled });

    test("an organization is set up from nothing", async ({ page, browser, house }) => {
      // Everything that an organization needs, in one go.
      test.setTimeout(180_000);
      const name = `shop-${way}`;
      await page.goto("/groups/new?root=1");
      await page.getByLabel("Name").fill(name);
      await page.getByRole("button", { name: "Create the organization" }).click();
      await expect(page).toHaveURL(/\?group=/);
      const scope = new URL(page.url()).searchParams.get("group")!;

      // A role of its own: refused without a good name, and what was ticked is kept.
      await page.goto(`/roles/new?group=${scope}`);
      await page.getByLabel("Name", { exact: true }).fill("Not A Name");
      await page.getByRole("checkbox", { name: "clusters.list" }).check();
      await page.getByRole("button", { name: "Create the role" }).click();
      await expect(main(page)).toContainText("A name has lower-case letters");
      await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Not A Name");
      await expect(page.getByRole("checkbox", { name: "clusters.list" })).toBeChecked();
      await page.getByLabel("Name", { exact: true }).fill("release manager");
      await page.getByRole("button", { name: "Create the role" }).click();
      await expect(heading(page)).toContainText("release manager holds 2 capabilities");

      // What a CI system assumes.
      await page.goto(`/people/new?group=${scope}&kind=claim_match`);
      await page.getByLabel("Name", { exact: true }).fill("deploy");
      await page.getByLabel("Issuer", { exact: true }).fill("not an address");
      await page.getByLabel("Subject", { exact: true }).fill("repo:acme/shop:.*");
      await page.getByLabel("How Subject is matched").selectOption("pattern");
      await page.getByLabel("Further claims (optional)").fill("environment = production");
      await page.getByRole("button", { name: "Create the identity" }).click();
      await expect(main(page)).toContainText("Not done yet");
      await expect(page.getByLabel("Subject", { exact: true })).toHaveValue("repo:acme/shop:.*");
      await expect(page.getByLabel("How Subject is matched")).toHaveValue("pattern");
      const issuer = "https://token.actions.githubusercontent.com";
      await page.getByLabel("Issuer", { exact: true }).fill(issuer);
      await page.getByRole("button", { name: "Create the identity" }).click();
      await expect(heading(page)).toHaveText("deploy holds no role that you see");
      await expect(main(page)).toContainText("environment: production");

      // It gets the role, here and below.
      await page.getByLabel("Group", { exact: true }).selectOption({ label: name });
      const role = page.getByLabel("Role", { exact: true });
      // The other browser's organization has a role of that name too.
      await role.selectOption({ label: `release manager (of ${name})` });
      await page.getByRole("button", { name: "Grant it to deploy" }).click();
      await expect(heading(page)).toHaveText("deploy holds 1 role");
      await main(page).getByRole("link", { name, exact: true }).first().click();
      await expect(main(page)).toContainText("deploy");
      await expect(main(page)).toContainText("Owner");

      // Somebody is invited; the code is shown once and is in no address but its own link.
      await page.goto(`/invites/new?group=${scope}`);
      await page.getByLabel("Accepted").selectOption("many");
      await page.getByLabel("Until (UTC, optional)").fill("soon");
      await page.getByRole("button", { name: "Make the invite, and show its code" }).click();
      await expect(main(page)).toContainText("Write a date such as");
      await page.getByLabel("Until (UTC, optional)").fill("");
      await page.getByRole("button", { name: "Make the invite, and show its code" }).click();
      const link = /http\S+\/invites\/accept\?code=\S+/.exec(await main(page).innerText())![0];
      expect(page.url()).not.toContain(new URL(link).searchParams.get("code"));
      await page.reload();
      await expect(main(page)).toContainText("shown before");
      await accept(browser, house, link, name);

      // And taken back.
      await page.goto(`/invites?group=${scope}`);
      await expect(main(page)).toContainText("accepted 1 time");
      await page.getByText("Revoke…").first().click();
      await page.getByRole("button", { name: "Revoke the invite" }).first().click();
      await expect(main(page)).toContainText("Revoked");
      await page.goto(link);
      await expect(heading(page)).toHaveText("This invite counts no more");

      // Its people sign in through their own provider, whose secret is never shown.
      await page.goto(`/providers/new?group=${scope}`);
      await page.getByLabel("Name", { exact: true }).fill("google");
      await page.getByLabel("Issuer", { exact: true }).fill("http://wrong.example");
      await page.getByLabel("Client id").fill("loadline");
      await page.getByLabel("Client secret").fill("very-secret-indeed");
      await page.getByLabel("E-mail domains").fill(`${name}.example`);
      await page.getByRole("button", { name: "Create the provider" }).click();
      await expect(page.getByLabel("Client id")).toHaveValue("loadline");
      await expect(page.getByLabel("Client secret")).toHaveValue("");
      await page.getByLabel("Issuer", { exact: true }).fill("https://accounts.google.com");
      await page.getByLabel("Client secret").fill("very-secret-indeed");
      await page.getByRole("button", { name: "Create the provider" }).click();
      await main(page).getByRole("link", { name: "google" }).click();
      expect(await page.content()).not.toContain("very-secret-indeed");
      await expect(main(page)).toContainText("One is kept and never shown");

      // All of it is in the log, with what it was before and afterwards.
      await page.goto(`/audit?group=${scope}`);
      await expect(main(page)).toContainText("identity_providers.create");
      await page.getByLabel("Action").selectOption("roles.create");
      await page.getByRole("button", { name: "Show", exact: true }).click();
      await expect(page).toHaveURL(/action=roles\.create/);
      await page.getByText("What changed").first().click();
      await expect(main(page)).toContainText("release manager");
      await expect(main(page)).not.toContainText("identity_providers.create to");
      const csv = await page.request.get(await href(page, "CSV"));
      expect(await csv.text()).toContain("roles.create");
      expect(await csv.text()).not.toContain("identity_providers.create");
    });

    test("a group is moved and deleted, and what that changes is told first", async ({ page }) => {
      const name = `moving-${way}`;
      await page.goto("/groups/new");
      await page.getByLabel("Below").selectOption({ label: "acme/staging" });
      await page.getByLabel("Name").fill(name);
      await page.getByRole("button", { name: "Create the group" }).click();
      await page.goto("/groups");
      await main(page).getByRole("link", { name, exact: true }).click();
      await view(page, "Rename, move, delete");
      await page.getByLabel("Below").selectOption({ label: "acme/production" });
      await page.getByRole("button", { name: "Show what moving changes" }).click();
      await expect(page).toHaveURL(/parent=/);
      await expect(main(page)).toContainText("1 group moves along");
      const button = `Move: acme/staging/${name} becomes acme/production/${name}`;
      await page.getByRole("button", { name: button }).click();
      await expect(page.getByRole("navigation", { name: "Where this is" })).toContainText("production");

      await view(page, "Rename, move, delete");
      await page.getByRole("link", { name: "Show what deleting changes" }).click();
      await expect(main(page)).toContainText("1 group goes for good");
      await page.getByLabel("Type the group's name to delete it").fill("something else");
      await page.getByRole("button", { name: /for good$/ }).click();
      await expect(main(page)).toContainText("This is not the group's name");
      await page.getByLabel("Type the group's name to delete it").fill(name);
      await page.getByRole("button", { name: /for good$/ }).click();
      await expect(page).toHaveURL(/\/groups$/);
      await expect(main(page).getByRole("link", { name, exact: true })).toHaveCount(0);
    });

    test("every kind of identity is made, disabled and deleted", async ({ page }) => {
      const kinds: Record<string, () => Promise<void>> = {
        static: async () => {
          await page.getByLabel("Issuer", { exact: true }).fill("https://kubernetes.default.svc");
          await page.getByLabel("Subject", { exact: true }).fill("system:serviceaccount:ci:ci");
          await page.getByLabel("Public keys (JWKS)").fill(KEYS);
        },
        aws: async () => {
          await page.getByLabel("AWS account").fill("123456789012");
          await page
            .getByLabel("ARN", { exact: true })
            .fill("arn:aws:sts::123456789012:assumed-role/deploy/ci");
        },
        service_principal: async () => {
          await page.getByLabel("Part").selectOption("ingester");
        },
      };
      for (const [kind, fill] of Object.entries(kinds)) {
        const name = `${kind}-${way}`;
        await page.goto(`/people/new?kind=${kind}`);
        await page.getByLabel("Name", { exact: true }).fill(name);
        await fill();
        await page.getByRole("button", { name: "Create the identity" }).click();
        await expect(heading(page)).toHaveText(`${name} holds no role that you see`);
        await page.getByText("Disable…").click();
        await page.getByRole("button", { name: `Disable ${name}` }).click();
        await expect(heading(page)).toHaveText(`${name} is disabled and can do nothing`);
        await page.goto(`/people?text=${name}`);
        await expect(main(page)).toContainText("Disabled");
        await main(page).getByRole("link", { name, exact: true }).click();
        await page.getByText("Delete…").click();
        await page.getByRole("button", { name: `Delete ${name}` }).click();
        await page.goto(`/people?text=${name}`);
        await expect(main(page)).toContainText("Nobody is like that");
      }
    });

    test("the last owner cannot be disabled, and the reason is told", async ({ page }) => {
      await page.goto("/groups");
      await main(page).getByRole("link", { name: "acme", exact: true }).click();
      await view(page, "Members");
      await expect(main(page)).toContainText("The whole installation");
      await main(page).getByRole("link", { name: "Owner", exact: true }).first().click();
      await expect(main(page)).toContainText("This is you");
      await page.getByText("Disable…").click();
      await page.getByRole("button", { name: "Disable Owner" }).click();
      await expect(main(page)).toContainText("would be left without an owner");
      await expect(heading(page)).not.toContainText("disabled");
    });

    test("somebody is granted a role before they come, and loses it", async ({ page }) => {
      const name = `Ada ${way}`;
      await page.goto("/people/new?kind=person");
      await page.getByLabel("Name", { exact: true }).fill(name);
      await page.getByLabel("Issuer", { exact: true }).fill("https://accounts.google.com");
      await page.getByLabel("Account", { exact: true }).fill(`ada-${way}`);
      await page.getByRole("button", { name: "Make them known" }).click();
      await page.getByLabel("Group", { exact: true }).selectOption({ label: "acme/staging" });
      await page.getByRole("button", { name: `Grant it to ${name}` }).click();
      await expect(heading(page)).toHaveText(`${name} holds 1 role`);
      await page.goto(`/people?text=${encodeURIComponent(name)}`);
      await main(page).getByRole("link", { name, exact: true }).click();
      await main(page).getByRole("link", { name: "acme/staging", exact: true }).click();
      await page.getByText("Revoke…").first().click();
      await page.getByRole("button", { name: `Revoke viewer of ${name}` }).click();
      await expect(heading(page)).toContainText("acme/staging".split("/")[1]!);
      await expect(main(page).getByRole("link", { name, exact: true })).toHaveCount(0);
    });
  });
}

test("the pages of access have nothing for axe to say", async ({ page }) => {
  test.setTimeout(180_000);
  const lists = ["/people", "/roles", "/invites", "/providers", "/audit"];
  const forms = ["/people/new", "/roles/new", "/invites/new", "/providers/new"];
  for (const path of [...lists, ...forms, "/roles/policy.editor", "/invites/accept?code=none"]) {
    await page.goto(path);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await axe(page);
    }
  }
  await page.goto("/groups");
  await main(page).getByRole("link", { name: "production", exact: true }).click();
  for (const tab of ["What applies here", "Members", "Rename, move, delete"]) {
    await view(page, tab);
    await expect(page).toHaveURL(/tab=/);
    await axe(page);
  }
});

test.describe("a visitor with an invite", () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test("is sent to sign in first", async ({ page }) => {
    await page.goto("/invites/accept?code=lli_none");
    await expect(page).toHaveURL(/\/sign-in/);
  });
});

/** Somebody in a browser of their own signs in, reads what is offered, and accepts it. */
async function accept(
  browser: Browser,
  house: House,
  link: string,
  group: string,
) {
  const signedOut = { storageState: { cookies: [], origins: [] } };
  const context = await browser.newContext(signedOut);
  const page = await context.newPage();
  await page.goto(link);
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn(page, await house.signInLink());
  await page.goto(link);
  await expect(heading(page)).toHaveText(`Join ${group}?`);
  await page.getByRole("button", { name: "Accept the invite" }).click();
  await expect(page).toHaveURL(/\/\?group=/);
  await context.close();
}

const href = async (page: Page, name: string) =>
  (await main(page).getByRole("link", { name }).getAttribute("href"))!;
