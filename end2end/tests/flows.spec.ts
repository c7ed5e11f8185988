// What people come for, done in the browser: with scripts and without.
import { type Page } from "@playwright/test";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, type House, signIn, test } from "../fixtures";

const run = promisify(execFile);

const POLICY = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: NAME
spec:
  images:
    - glob: "nowhere.demo.test/**"
  authorities:
    - static:
        action: fail
`;

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? "with" : "without";
  test.describe(`${way} scripts`, () => {
    test.use({ javaScriptEnabled });

    test("which image of which cluster breaks which policy, and why", async ({ page }) => {
      await page.goto("/");
      await main(page).getByRole("link", { name: "signed-by-release" }).first().click();
      const rows = main(page).getByRole("listitem").filter({ hasText: "prod-eu-west" });
      const row = rows.filter({ hasText: "payments-worker" }).first();
      await expect(row).toContainText("payments-worker");
      await expect(row).toContainText("signed by https://github.com/acme/payments-worker/");
      await expect(row).toContainText("deploy.yaml");
      await row.getByText("Show diagnostic").click();
      await expect(row).toContainText("Wrong identity");
      await expect(row).toContainText("github-actions");
      await row.getByText("Show as JSON").click();
      await expect(row.locator("pre")).toContainText('"outcome": "fail"');
    });

    test("from a failing image in a cluster to what was refused, and why", async ({ page }) => {
      await page.goto("/clusters");
      await main(page).getByRole("link", { name: "prod-eu-west", exact: true }).click();
      await view(page, "Images");
      await main(page).getByRole("link", { name: "payments-worker", exact: true }).click();
      const heading = page.getByRole("heading", { level: 1 });
      await expect(heading).toHaveText("payments-worker fails signed-by-release");
      await main(page).getByText("Show diagnostic").first().click();
      await expect(main(page)).toContainText("Wrong identity");

      await view(page, "Evidence");
      const pieces = main(page).getByRole("listitem");
      const signature = pieces.filter({ hasText: "Signature by cosign" }).first();
      const checks = signature.getByRole("listitem");
      const accepted = checks.filter({ hasText: "github-actions of signed-by-release" });
      await expect(accepted).toContainText("Accepted");
      await expect(accepted).toContainText("/.github/workflows/deploy.yaml@refs/heads/main");
      const refused = checks.filter({ hasText: "the public-good Sigstore" }).first();
      await expect(refused).toContainText("Refused");
      await expect(refused).toContainText(/the public-good Sigstore: .+\./);
      await expect(main(page)).toContainText(/asked \d+ (s|min) ago, every/);

      await page.getByRole("button", { name: "Ask again now" }).click();
      await expect(main(page)).toContainText("Everybody is asked again");
      await expect(page).toHaveURL(/tab=evidence/);
    });

    test("what a trusted workflow attests is believed, and what it excuses does not count", async ({
      page,
    }) => {
      await page.goto("/images");
      await main(page).getByRole("link", { name: "storefront", exact: true }).click();
      await view(page, "Provenance");
      await expect(main(page)).toContainText("Accepted");
      await expect(main(page)).not.toContainText("there is no verified signature");
      await view(page, "Vulnerabilities");
      await expect(main(page)).toContainText("CVE-2021-44906");
      await page.goto("/vulnerabilities");
      await expect(main(page)).toContainText("CVE-2020-8203");
      await expect(main(page)).not.toContainText("CVE-2021-44906");
    });

    test("images are narrowed, looked at in the past, and the address holds it", async ({
      page,
    }) => {
      await page.goto("/images");
      await page.getByLabel("Image", { exact: true }).fill("payments");
      await page.getByText("More filters").click();
      await page.getByLabel("Signed by").fill("deploy.yaml");
      await page.getByRole("button", { name: "Show", exact: true }).click();
      await expect(main(page)).toContainText("payments-worker");
      await expect(main(page)).not.toContainText("payments-api");
      await expect(page).toHaveURL(/text=payments&.*signer=deploy\.yaml/);
      await page.getByLabel("As of (UTC)").fill("2020-01-01");
      await page.getByRole("button", { name: "Show", exact: true }).click();
      await expect(main(page)).toContainText("As it was on 1 Jan 2020");
      await expect(main(page)).not.toContainText("payments-worker");
      await main(page).getByRole("link", { name: "Show it as it is now" }).click();
      await expect(main(page)).toContainText("payments-worker");
      await main(page).getByRole("link", { name: "Clear", exact: true }).click();
      await expect(main(page)).toContainText("payments-api");
    });

    test("a group, a cluster in it, its token once, and its first report", async ({
      page,
      house,
    }) => {
      const name = `try-${way}`;
      await page.goto("/groups/new");
      await page.getByLabel("Name").fill("Not A Name");
      await page.getByRole("button", { name: "Create the group" }).click();
      await expect(main(page)).toContainText("A name has lower-case letters");
      await expect(page.getByLabel("Name")).toHaveValue("Not A Name");
      await page.getByLabel("Below").selectOption({ label: "acme/staging" });
      await page.getByLabel("Name").fill(name);
      await page.getByRole("button", { name: "Create the group" }).click();
      await expect(main(page)).toContainText(name);

      await page.goto("/clusters/new");
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("Group", { exact: true }).selectOption({ label: `acme/staging/${name}` });
      await page.getByRole("button", { name: "Register, and show its token" }).click();
      const shown = await main(page).innerText();
      const token = /llc_[A-Za-z0-9_-]+/.exec(shown)?.[0];
      expect(token).toBeDefined();
      expect(page.url()).not.toContain(token!);
      await page.reload();
      await expect(main(page)).toContainText("cannot be shown again");
      await expect(main(page)).not.toContainText(token!);

      await page.getByRole("link", { name: `Go to ${name}` }).click();
      await expect(main(page)).toContainText("loadline clusters ingest");
      await report(house, name, token!);
      await page.goto("/clusters?show=active");
      await main(page).getByRole("link", { name, exact: true }).click();
      await view(page, "Images");
      await expect(main(page)).toContainText("nginx");

      await view(page, "Tokens");
      await page.getByText("Revoke…").first().click();
      await page.getByRole("button", { name: /^Revoke/ }).first().click();
      await expect(main(page)).toContainText("Revoked");
      await expect(report(house, name, token!)).rejects.toThrow(/token/);
    });

    test("a policy with an error keeps what was typed, and is published when mended", async ({
      page,
    }) => {
      const name = `tried-${way}`;
      const wrong = POLICY.replace("NAME", name).replace("action: fail", "action: maybe");
      await page.goto("/policies/new");
      await document(page).fill(wrong);
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(main(page)).toContainText("unsupported action");
      await expect(main(page)).toContainText("Line 10");
      await expect(document(page)).toHaveValue(wrong);
      await document(page).fill(POLICY.replace("NAME", name));
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toContainText(`${name} covers nothing`);

      await page.getByRole("link", { name: "Edit" }).click();
      await document(page).fill(`${POLICY.replace("NAME", name)}  mode: warn\n`);
      await page.getByRole("button", { name: "Publish a new version" }).click();
      await view(page, "Versions");
      await expect(main(page)).toContainText("Version 2 by Owner");
      await expect(main(page)).toContainText("Version 1 by Owner");
    });

    test("a policy goes back to its first version and is deleted", async ({ page }) => {
      const name = `set-back-${way}`;
      await page.goto("/policies/new");
      await document(page).fill(POLICY.replace("NAME", name));
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
      await page.getByRole("link", { name: "Edit" }).click();
      await document(page).fill(`${POLICY.replace("NAME", name)}  mode: warn\n`);
      await page.getByRole("button", { name: "Publish a new version" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
      await view(page, "Versions");
      await expect(main(page)).toContainText("Version 2");
      const first = main(page).getByRole("listitem").filter({ hasText: "Version 1" });
      await first.getByText("Show what version 1 would change").click();
      await expect(first).toContainText("spec.mode");
      await first.getByText("Go back to this version…").click();
      await first.getByRole("button", { name: "Make version 1 active" }).click();
      const active = main(page).getByRole("listitem").filter({ hasText: /Active\s*Version 1/ });
      await expect(active).toHaveCount(1);

      await view(page, "Describe, delete");
      await page.getByLabel("Description (optional)").fill("It was tried.");
      await page.getByRole("button", { name: "Save" }).click();
      await expect(main(page)).toContainText("It was tried.");
      await view(page, "Describe, delete");
      await page.getByLabel("Type the policy's name to delete it").fill("something");
      await page.getByRole("button", { name: `Delete ${name} for good` }).click();
      await expect(main(page)).toContainText("This is not the policy's name. Nothing was deleted.");
      await page.getByLabel("Type the policy's name to delete it").fill(name);
      await page.getByRole("button", { name: `Delete ${name} for good` }).click();
      await expect(page).toHaveURL(/\/policies$/);
      await expect(main(page)).not.toContainText(name);
    });

    test("a cluster is renamed, moved and deleted", async ({ page }) => {
      const name = `moving-${way}`;
      await page.goto("/clusters/new");
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("Group", { exact: true }).selectOption({ label: "acme/staging" });
      await page.getByRole("button", { name: "Register, and show its token" }).click();
      await page.getByRole("link", { name: `Go to ${name}` }).click();
      await view(page, "Rename, move, delete");
      await page.getByLabel("Name", { exact: true }).fill("prod-eu-west");
      await page.getByRole("button", { name: "Save" }).click();
      await expect(main(page)).toContainText("has a cluster prod-eu-west already");
      await page.getByLabel("Name", { exact: true }).fill(`${name}-on`);
      await page.getByRole("button", { name: "Save" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toContainText(`${name}-on`);
      await view(page, "Rename, move, delete");
      await page.getByLabel("Group", { exact: true }).selectOption({ label: "acme/production" });
      await page.getByRole("button", { name: "Move it there" }).click();
      await expect(main(page)).toContainText("acme/production");
      await view(page, "Rename, move, delete");
      await page.getByLabel("Type the cluster's name to delete it").fill(`${name}-on`);
      await page.getByRole("button", { name: `Delete ${name}-on for good` }).click();
      await expect(page).toHaveURL(/\/clusters$/);
      await expect(main(page)).not.toContainText(name);
    });

    test("the theme is kept", async ({ page }) => {
      await page.goto("/");
      const theme = () => page.locator("html").getAttribute("data-theme");
      await page.getByRole("button", { name: "Dark" }).click();
      await expect.poll(theme).toBe("dark");
      await page.goto("/clusters");
      expect(await theme()).toBe("dark");
      await page.getByRole("button", { name: "System" }).click();
      await expect.poll(theme).toBeNull();
    });

    test("what a group's clusters may send is set and shown", async ({ page }) => {
      await page.goto("/groups");
      const heading = page.getByRole("heading", { name: "edge", exact: true });
      const row = main(page).getByRole("listitem").filter({ has: heading });
      await row.getByText("arrive as keyed digests").click();
      await row.getByLabel(/^What clusters of/).selectOption("values");
      await row.getByRole("button", { name: "Save" }).click();
      await expect(main(page)).toContainText("arrive as they are");
      await page.getByText("arrive as they are").click();
      await page.getByLabel(/^What clusters of/).selectOption("inherit");
      await page.getByRole("button", { name: "Save" }).click();
      await expect(main(page)).not.toContainText("arrive as they are");
    });

    test("the search finds groups, clusters and policies", async ({ page }) => {
      await page.goto("/");
      if (javaScriptEnabled) await page.keyboard.press("/");
      const search = page.getByRole("searchbox");
      if (javaScriptEnabled) await expect(search).toBeFocused();
      await search.fill("edge");
      await search.press("Enter");
      await expect(main(page)).toContainText("edge-07");
      await expect(main(page)).not.toContainText("staging-1");
    });
  });
}

test("the form says what is wrong while somebody types", async ({ page }) => {
  await page.goto("/policies/new");
  const said = page.locator("#diagnostics");
  await expect(page.locator(".editor-text.is-live")).toBeVisible();
  await document(page).fill("kind: Pod\n");
  await expect(said).toContainText("apiVersion");
  await document(page).fill(POLICY.replace("NAME", "typed"));
  await expect(said).not.toContainText("apiVersion");
});

test("a signature that is taken out of the folder turns its row red", async ({ page, house }) => {
  const index = join(house.images, "index.json");
  const before = readFileSync(index, "utf8");
  const layout = JSON.parse(before) as { manifests: { annotations: Record<string, string> }[] };
  const isTaken = (entry: { annotations: Record<string, string> }) =>
    entry.annotations["org.opencontainers.image.ref.name"]!.includes("/storefront:sha256-");
  layout.manifests = layout.manifests.filter((entry) => !isTaken(entry));
  const row = async () => {
    await page.goto("/policies?show=violations");
    await main(page).getByRole("link", { name: "signed-by-release" }).first().click();
    return main(page).getByRole("listitem").filter({ hasText: "storefront" }).count();
  };
  expect(await row()).toBe(0);
  writeFileSync(index, JSON.stringify(layout));
  try {
    await expect.poll(row, { timeout: 45_000 }).toBeGreaterThan(0);
    await expect(main(page)).toContainText("no signature was found at");
  } finally {
    writeFileSync(index, before);
  }
  await expect.poll(row, { timeout: 45_000 }).toBe(0);
  await page.goto("/");
  await expect(main(page)).toContainText("passes again under signed-by-release");

  // The image's own page keeps both: that it went, and that it came back.
  await page.goto("/images?text=storefront");
  await main(page).getByRole("link", { name: "storefront", exact: true }).click();
  await view(page, "Timeline");
  await expect(main(page)).toContainText("was no longer at");
  await expect(main(page)).toContainText("stopped passing signed-by-release");
  await expect(main(page)).toContainText("passed again under signed-by-release");
  await view(page, "Evidence");
  await expect(main(page)).toContainText("Was there before");
});

test("on a narrow screen everything of the navigation is in reach", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/");
  for (const name of ["Dark theme", "Sign out"]) {
    await expect(page.getByRole("button", { name })).toBeInViewport({ ratio: 1 });
  }
});

test("a link signs one browser in, once", async ({ browser, house }) => {
  const link = await house.signInLink();
  const signedOut = { storageState: { cookies: [], origins: [] } };
  const first = await (await browser.newContext(signedOut)).newPage();
  await signIn(first, link);
  const second = await (await browser.newContext(signedOut)).newPage();
  await second.goto(link);
  await second.getByRole("button", { name: "Sign in" }).click();
  await expect(second.locator("main")).toContainText("no longer works");
  await first.getByRole("button", { name: "Sign out" }).click();
  await first.goto(house.url);
  await expect(first).toHaveURL(/\/sign-in/);
});

const main = (page: Page) => page.locator("main");

/** Opens one of the views of a thing: a tab, which is a link. */
const view = (page: Page, name: string) =>
  page.getByRole("navigation", { name: /^Views of/ }).getByText(name).first().click();

const document = (page: Page) => page.getByRole("textbox", { name: "Document (YAML)" });

/** Sends what `kubectl get pods -A -o json` would print for one pod. */
async function report(house: House, cluster: string, token: string) {
  const image = "nginx:1.29";
  const digest = "sha256:" + "ab".repeat(32);
  const status = { name: "web", image, imageID: `docker.io/library/nginx@${digest}` };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "shop", uid: `uid-${cluster}` },
    spec: { containers: [{ name: "web", image }] },
    status: { phase: "Running", containerStatuses: [status] },
  };
  const list = { apiVersion: "v1", kind: "List", items: [pod] };
  const ingest = ["clusters", "ingest", cluster, "--file", "-", "--server", house.url];
  const sent = run(process.env.LOADLINE_CLI_BIN!, ingest, {
    env: { ...process.env, LOADLINE_CLUSTER_TOKEN: token, HOME: house.home, XDG_CONFIG_HOME: "" },
  });
  sent.child.stdin!.end(JSON.stringify(list));
  await sent;
}
