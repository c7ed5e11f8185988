// SQL and HTML in every text field and every query parameter of the console: shown as text,
// refused or ignored, never run, and nothing else is changed by it.
import { type Page } from "@playwright/test";
import { expect, test } from "../fixtures";

/** Short enough for a name, which may have 63 characters. */
const MARKUP = `</title>"><img data-hostile src=x onerror=alert(1)>`;
const SQL = `'); DROP TABLE groups; --`;
const LONG = `${SQL} ${MARKUP}</textarea><script data-hostile>alert(2)</script>`;

/** A policy with markup in each place that takes free text. */
const policy = (name: string) => `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: ${name}
  annotations:
    note: ${JSON.stringify(LONG)}
spec:
  images:
    - glob: "nowhere.demo.test/**"
  authorities:
    - name: ${JSON.stringify(LONG)}
      static:
        action: fail
        message: ${JSON.stringify(LONG)}
`;

/** Pages, and the addresses that are reached by following a link from a list. */
const LISTS = [
  "/",
  "/clusters",
  "/images",
  "/packages",
  "/vulnerabilities",
  "/events",
  "/policies",
  "/groups",
  "/people",
  "/roles",
  "/invites",
  "/providers",
  "/account",
  "/account?tab=tokens",
  "/account?tab=sign-in",
  "/audit",
  "/settings/trust",
];
const FORMS = [
  "/groups/new",
  "/groups/new?root=1",
  "/clusters/new",
  "/policies/new",
  "/people/new",
  "/people/new?kind=static",
  "/roles/new",
  "/invites/new",
  "/invites/made",
  "/invites/accept",
  "/providers/new",
  "/account/tokens/new",
  "/account/tokens/made",
  "/account/codes",
];

/** Every name that some page looks for in its query. */
const PARAMETERS = [
  "__err",
  "__path",
  "action",
  "actor",
  "after",
  "at",
  "code",
  "delete",
  "description",
  "done",
  "draft",
  "ended",
  "file",
  "find",
  "form",
  "from",
  "group",
  "kind",
  "name",
  "of",
  "parent",
  "problem",
  "root",
  "secret",
  "show",
  "signer",
  "tab",
  "text",
  "ticket",
  "tried",
  "until",
  "version",
];

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled });
    const way = javaScriptEnabled ? "with" : "without";

    test("the name of a group is refused and given back", async ({ page }) => {
      const ran = watched(page);
      const before = await inventory(page);
      for (const form of ["/groups/new", "/groups/new?root=1"]) {
        for (const text of [MARKUP, SQL]) {
          await page.goto(form);
          await page.getByLabel("Name").fill(text);
          await page.getByLabel("Description (optional)").fill(LONG);
          await page.getByRole("button", { name: /^Create the / }).click();
          await expect(main(page)).toContainText("A name has lower-case letters");
          await expect(page.getByLabel("Name")).toHaveValue(text);
          await expect(page.getByLabel("Description (optional)")).toHaveValue(LONG);
          await isInert(page);
        }
      }
      expect(await inventory(page)).toEqual(before);
      expect(ran).toEqual([]);
    });

    test("the name of a cluster is refused and given back", async ({ page }) => {
      const ran = watched(page);
      const before = await inventory(page);
      for (const text of [MARKUP, SQL]) {
        await page.goto("/clusters/new");
        await page.getByLabel("Name").fill(text);
        await page.getByLabel("Description (optional)").fill(LONG);
        await page.getByRole("button", { name: "Register, and show its token" }).click();
        await expect(page.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
        await expect(page.getByLabel("Name")).toHaveValue(text);
        await expect(page.getByLabel("Description (optional)")).toHaveValue(LONG);
        await isInert(page);
      }
      expect(await inventory(page)).toEqual(before);
      expect(ran).toEqual([]);
    });

    test("a description is kept and shown as it was typed", async ({ page }) => {
      const ran = watched(page);
      const name = `hostile-${way}`;
      await page.goto("/groups/new");
      await page.getByLabel("Below").selectOption({ label: "acme/staging" });
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("Description (optional)").fill(LONG);
      await page.getByRole("button", { name: "Create the group" }).click();
      await expect(main(page)).toContainText(LONG);
      await isInert(page);

      await page.goto("/clusters/new");
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("Group", { exact: true }).selectOption({ label: `acme/staging/${name}` });
      await page.getByLabel("Description (optional)").fill(LONG);
      await page.getByRole("button", { name: "Register, and show its token" }).click();
      await page.getByRole("link", { name: `Go to ${name}` }).click();
      await expect(main(page)).toContainText(LONG);
      await isInert(page);

      for (const list of LISTS) {
        await page.goto(list);
        await isInert(page);
      }
      expect(ran).toEqual([]);
    });

    test("a document is refused by its lines, and kept in the form as it was typed", async ({ page }) => {
      const ran = watched(page);
      const before = await inventory(page);
      const good = policy("hostile");
      const quoted = JSON.stringify(LONG);
      for (const document of [
        LONG,
        good.replace("name: hostile", `name: ${quoted}`),
        good.replace('glob: "nowhere.demo.test/**"', `glob: ${quoted}`),
        good.replace("action: fail", `action: ${quoted}`),
        good.replace("kind: ClusterImagePolicy", `kind: ${quoted}`),
        good.replace("spec:", `${quoted}: x\nspec:`),
      ]) {
        await page.goto("/policies/new");
        await editor(page).fill(document);
        await page.getByLabel("Description (optional)").fill(LONG);
        await page.getByRole("button", { name: "Publish" }).click();
        await expect(main(page)).toContainText(/Line \d+/);
        await expect(editor(page)).toHaveValue(document);
        await expect(page.getByLabel("Description (optional)")).toHaveValue(LONG);
        await isInert(page);
      }
      expect(await inventory(page)).toEqual(before);
      expect(ran).toEqual([]);
    });

    test("a policy's own texts are shown as they were written", async ({ page }) => {
      const ran = watched(page);
      const name = `hostile-texts-${way}`;
      await page.goto("/policies/new");
      await editor(page).fill(policy(name));
      await page.getByLabel("Description (optional)").fill(LONG);
      await page.getByRole("button", { name: "Publish" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
      await expect(main(page)).toContainText(LONG);
      for (const tab of ["Clusters", "Versions", "Document"]) {
        await page.getByRole("navigation", { name: /^Views of/ }).getByText(tab).click();
        await isInert(page);
      }
      await expect(main(page)).toContainText("<img data-hostile src=x onerror=alert(1)>");
      await page.getByRole("link", { name: "Edit" }).first().click();
      await expect(editor(page)).toHaveValue(policy(name));
      await isInert(page);
      expect(ran).toEqual([]);
    });

    test("the search says what it looked for", async ({ page }) => {
      const ran = watched(page);
      for (const text of [MARKUP, SQL, "%", "_", "\\"]) {
        await page.goto("/");
        const search = page.getByRole("searchbox");
        await search.fill(text);
        await search.press("Enter");
        await expect(page.getByRole("heading", { level: 1 })).toContainText(`“${text.toLowerCase()}”`, {
          ignoreCase: true,
        });
        await expect(page.getByRole("searchbox")).toHaveValue(text);
        await isInert(page);
      }
      // A pattern's signs are letters like others: they find nothing that does not have them.
      await page.goto(`/groups?find=${encodeURIComponent("%")}`);
      await expect(main(page)).toContainText("Nothing is called");
      expect(ran).toEqual([]);
    });

    test("every query parameter is read leniently", async ({ page }) => {
      test.setTimeout(480_000);
      const ran = watched(page);
      const before = await inventory(page);
      const [cluster, onePolicy] = [await first(page, "/clusters"), await first(page, "/policies")];
      const pages = [...LISTS, ...FORMS, cluster, onePolicy, `${cluster}/connect`, "/sign-in"];
      for (const path of pages) {
        for (const text of [MARKUP, SQL]) {
          const query = PARAMETERS.map((name) => `${name}=${encodeURIComponent(text)}`);
          const address = (one: string) => `${path}${path.includes("?") ? "&" : "?"}${one}`;
          // All of them at once, in the browser.
          const answer = await page.goto(address(query.join("&")));
          expect(answer!.status(), path).toBeLessThan(500);
          await isInert(page);
          // Then each of them alone. The page is the same in both browsers, and its text is enough:
          // a sign of markup that became markup stands in it as it was sent.
          if (javaScriptEnabled) continue;
          await Promise.all(
            query.map(async (one) => {
              const alone = await page.request.get(address(one));
              expect(alone.status(), `${path} ${one}`).toBeLessThan(500);
              expect(await alone.text(), `${path} ${one}`).not.toContain("<img data-hostile");
            }),
          );
        }
      }
      for (const path of ["/clusters/", "/policies/", "/"]) {
        const answer = await page.goto(path + encodeURIComponent(MARKUP));
        expect(answer!.status()).toBe(404);
        await isInert(page);
      }
      expect(await inventory(page)).toEqual(before);
      expect(ran).toEqual([]);
    });
  });
}

test("what is typed into the forms of access is given back as text", async ({ page }) => {
  // Nine forms, each field of each, twice.
  test.setTimeout(180_000);
  const ran = watched(page);
  const forms: [string, string][] = [
    ["/people/new?kind=claim_match", "Create the identity"],
    ["/people/new?kind=static", "Create the identity"],
    ["/people/new?kind=aws", "Create the identity"],
    ["/people/new?kind=person", "Make them known"],
    ["/roles/new", "Create the role"],
    ["/invites/new", "Make the invite, and show its code"],
    ["/providers/new", "Create the provider"],
    ["/account/tokens/new", "Make the token, and show its secret"],
    ["/account?tab=sign-in", "Set it"],
  ];
  for (const [form, button] of forms) {
    for (const text of [MARKUP, SQL]) {
      await page.goto(form);
      const fields = main(page).locator("form[method=post] .input:not(select)");
      const n = await fields.count();
      for (let place = 0; place < n; place++) {
        const longest = Number((await fields.nth(place).getAttribute("maxlength")) ?? 9999);
        await fields.nth(place).fill(text.slice(0, longest));
      }
      await page.getByRole("button", { name: button }).click();
      await expect(main(page)).toContainText("Not done");
      await isInert(page);
      const given = main(page).locator("form[method=post] .input:not(select)").first();
      const longest = Number((await given.getAttribute("maxlength")) ?? 9999);
      expect(await given.inputValue()).toBe(text.slice(0, longest));
    }
  }
  expect(ran).toEqual([]);
});

test("what a page hides in its forms is checked as well", async ({ page, house }) => {
  const before = await inventory(page);
  const forms = {
    create_group: ["parent", "name", "description"],
    create_cluster: ["group", "name", "description"],
    issue_token: ["cluster"],
    revoke_token: ["cluster", "token"],
    set_collection: ["group", "collection"],
    publish_policy: ["group", "document", "description"],
    update_group: ["id", "name", "description"],
    move_group: ["id", "parent"],
    delete_group: ["id", "confirm"],
    grant_role: ["group", "identity", "role", "back"],
    revoke_role: ["binding", "group", "identity", "back"],
    create_identity: ["group", "name", "description", "email", "proof[kind]", "proof[issuer]"],
    update_identity: ["id", "name", "description"],
    disable_identity: ["id", "is_disabled"],
    delete_identity: ["id"],
    create_role: ["group", "name", "description", "capabilities[]"],
    update_role: ["id", "name", "description", "capabilities[]"],
    delete_role: ["id"],
    create_invite: ["group", "role", "email", "uses", "expires"],
    revoke_invite: ["id", "group"],
    accept_invite: ["code"],
    create_provider: ["group", "provider[name]", "provider[issuer]", "provider[client_secret]"],
    update_provider: ["id", "provider[name]", "provider[domains]"],
    delete_provider: ["id"],
    end_session: ["id"],
    end_sessions_of: ["id"],
    create_token: ["name", "group", "may", "capabilities[]", "lasts"],
    revoke_own_token: ["id"],
    set_password: ["name", "password", "again", "present"],
    confirm_codes: ["code"],
    end_codes: ["code"],
    create_sign_in_link: ["id"],
  };
  for (const [form, fields] of Object.entries(forms)) {
    for (const text of [MARKUP, SQL]) {
      const answer = await page.request.post(`/api/console/${form}`, {
        form: Object.fromEntries(fields.map((field) => [field, text])),
        // As a browser sends a form.
        headers: { origin: house.url, accept: "text/html" },
        maxRedirects: 0,
      });
      // Back to the form, or refused; either way told as text.
      expect([302, 303, 400, 403, 404, 422], `${form}: ${answer.status()}`).toContain(answer.status());
      const type = answer.headers()["content-type"] ?? "";
      if (type.includes("html")) expect(await answer.text()).not.toContain("<img data-hostile");
    }
  }
  expect(await inventory(page)).toEqual(before);
});

const main = (page: Page) => page.locator("main");
const editor = (page: Page) => page.getByRole("textbox", { name: "Document (YAML)" });

/** What happens on the page that only a script of ours, or of a stranger's, could do. */
function watched(page: Page): string[] {
  const ran: string[] = [];
  page.on("dialog", async (dialog) => {
    ran.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("pageerror", (error) => ran.push(String(error)));
  page.on("console", (message) => {
    // The browser reports an answer of 404 or 422 here as well.
    const isAnswer = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isAnswer) ran.push(message.text());
  });
  page.on("request", (request) => {
    if (new URL(request.url()).pathname.endsWith("/x")) ran.push(`asked for ${request.url()}`);
  });
  return ran;
}

/** Nothing of the text became an element. */
async function isInert(page: Page) {
  await expect(page.locator("[data-hostile]")).toHaveCount(0);
}

/** Everything that has a name, as the lists show it. */
async function inventory(page: Page): Promise<string[][]> {
  const names: string[][] = [];
  for (const list of ["/groups", "/clusters", "/policies"]) {
    await page.goto(list);
    names.push((await main(page).getByRole("link").allInnerTexts()).sort());
  }
  return names;
}

/** The address of the first thing in a list. */
async function first(page: Page, list: string): Promise<string> {
  await page.goto(list);
  const link = main(page).locator(`a[href^="${list}/"]:not([href*="/new"])`).first();
  return new URL((await link.getAttribute("href"))!, page.url()).pathname;
}
