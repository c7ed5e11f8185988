// Every page: real rows in the first HTML with and without scripts, nothing for axe to say in
// either theme, and nothing that scrolls sideways on a narrow screen.
import { type Page } from "@playwright/test";
import { axe, expect, test } from "../fixtures";

/** A page, how it is reached from the demo's front door, and what it must say. */
interface Shown {
  name: string;
  open: (page: Page) => Promise<unknown>;
  heading: RegExp;
  says: string[];
}

const at = (path: string) => (page: Page) => page.goto(path);

/** Follows the list's link of that name, then the tab. */
const within = (list: string, name: string, tab?: string) => async (page: Page) => {
  await page.goto(list);
  await page.getByRole("main").getByRole("link", { name, exact: true }).first().click();
  if (tab) await page.getByRole("navigation", { name: /^Views of/ }).getByText(tab).click();
};

const PAGES: Shown[] = [
  {
    name: "overview",
    open: at("/"),
    heading: /polic(y is|ies are) failing in acme/,
    says: ["signed-by-release", "Compliance over time", "What changed last"],
  },
  {
    name: "clusters",
    open: at("/clusters"),
    heading: /clusters/i,
    says: ["prod-eu-west", "edge-07", "staging-1", "Policy compliance", "Failed policies"],
  },
  {
    name: "clusters, non-compliant",
    open: at("/clusters?show=non-compliant"),
    heading: /clusters?/i,
    says: ["prod-eu-west"],
  },
  {
    name: "cluster, violations",
    open: within("/clusters", "prod-eu-west"),
    heading: /prod-eu-west: .+ failing/,
    says: ["payments-worker", "signed-by-release", "deploy.yaml", "Show diagnostic"],
  },
  {
    name: "cluster, images",
    open: within("/clusters", "prod-eu-west", "Images"),
    heading: /prod-eu-west/,
    says: ["registry.demo.test/acme/payments-worker", "registry.demo.test/acme/base/tools"],
  },
  {
    name: "cluster, workloads",
    open: within("/clusters", "prod-eu-west", "Workloads"),
    heading: /prod-eu-west/,
    says: ["payments-api", "DaemonSet"],
  },
  {
    name: "cluster, policies",
    open: within("/clusters", "edge-07", "Policies"),
    heading: /edge-07/,
    says: ["no-legacy", "inherited from"],
  },
  {
    name: "cluster, tokens",
    open: within("/clusters", "prod-eu-west", "Tokens"),
    heading: /prod-eu-west/,
    says: ["In force"],
  },
  {
    name: "cluster, rename, move, delete",
    open: within("/clusters", "prod-eu-west", "Rename, move, delete"),
    heading: /prod-eu-west/,
    says: ["Name and description", "Move it there", "Delete prod-eu-west for good"],
  },
  {
    name: "policy, describe, delete",
    open: within("/policies", "signed-by-release", "Describe, delete"),
    heading: /signed-by-release/,
    says: ["Description (optional)", "Delete signed-by-release for good"],
  },
  {
    name: "reference of the API",
    open: at("/api/reference"),
    heading: /API/,
    says: ["/api/v1/clusters/{id}/move", "Put a cluster into another group"],
  },
  {
    name: "problems of the API",
    open: at("/api/problems"),
    heading: /[Pp]roblem/,
    says: ["precondition-failed", "Read it again"],
  },
  {
    name: "events",
    open: at("/events"),
    heading: /events? in acme/,
    // Which events are the newest depends on what ran before.
    says: ["The same for a program", "/api/v1/events?group="],
  },
  {
    name: "images",
    open: at("/images"),
    heading: /images run in acme/,
    says: ["payments-worker", "registry.demo.test/acme/legacy-report", "Signed by", "More filters"],
  },
  {
    name: "images, narrowed",
    open: at("/images?text=payments&signed=with&older=a"),
    heading: /images? of that kind runs? in acme/,
    says: ["payments-api", "Write a whole number", "Clear"],
  },
  {
    name: "images, none like that",
    open: at("/images?text=nothing-is-called-so"),
    heading: /No images of that kind run in acme/,
    says: ["No image is like that", "Show all images"],
  },
  {
    name: "images, before there were any",
    open: at("/images?at=2020-01-01"),
    heading: /No images ran in acme/,
    says: ["As it was on 1 Jan 2020, 23:59 UTC", "Nothing is known to have run then"],
  },
  {
    name: "images, at no known time",
    open: at("/images?at=yesterday"),
    heading: /no known time/,
    says: ["Write a date such as", "That is no time to look at"],
  },
  {
    name: "image, verdicts",
    open: within("/images", "payments-worker"),
    heading: /payments-worker fails signed-by-release/,
    says: ["signed-by-anyone-in-acme", "Show diagnostic", "deploy.yaml", "Ask again now"],
  },
  {
    name: "image, evidence",
    open: within("/images", "payments-worker", "Evidence"),
    heading: /payments-worker/,
    says: ["Signature by cosign", "deploy.yaml", "Raw bytes", "Where it is looked for", "asked"],
  },
  {
    name: "image, provenance",
    open: within("/images", "payments-worker", "Provenance"),
    heading: /payments-worker/,
    says: ["built"],
  },
  {
    name: "image, packages",
    open: within("/images", "payments-worker", "Packages"),
    heading: /payments-worker/,
    says: ["SBOM"],
  },
  {
    name: "image, provenance of a build",
    open: within("/images", "storefront", "Provenance"),
    heading: /storefront/,
    says: ["Probably SLSA build level", "Accepted"],
  },
  {
    name: "image, packages of an SBOM",
    open: within("/images", "storefront", "Packages"),
    heading: /storefront/,
    says: ["express", "pkg:npm/minimist@1.2.5"],
  },
  {
    name: "image, what VEX excuses",
    open: within("/images", "storefront", "Vulnerabilities"),
    heading: /storefront/,
    says: ["Excused by a VEX statement", "Nothing is left that applies"],
  },
  {
    name: "image, vulnerabilities",
    open: within("/images", "payments-worker", "Vulnerabilities"),
    heading: /payments-worker/,
    says: ["Vulnerabilities"],
  },
  {
    name: "image, where it runs",
    open: within("/images", "payments-worker", "Runs in"),
    heading: /payments-worker/,
    says: ["prod-eu-west", "edge-07", "Deployment payments/payments-worker", "still"],
  },
  {
    name: "image, timeline",
    open: within("/images", "payments-worker", "Timeline"),
    heading: /payments-worker/,
    says: ["ran it", "failed signed-by-release", "was found at"],
  },
  {
    name: "an image that never ran",
    open: at(`/images/one?image=ghcr.io/acme/none@sha256:${"0a".repeat(32)}`),
    heading: /Nothing is here/,
    says: ["Go to the overview"],
  },
  {
    name: "packages",
    open: at("/packages"),
    heading: /in what runs in acme/,
    says: ["Name or purl", "More filters"],
  },
  {
    name: "packages, a range that is none",
    open: at("/packages?text=log4j-core&version=%3C"),
    heading: /one field cannot be read/,
    says: ["Nothing was looked for", "is no range of versions"],
  },
  {
    name: "packages, where one runs",
    open: at("/packages/where?text=log4j-core&version=%3C2.17.1"),
    heading: /log4j-core <2\.17\.1 runs/,
    says: ["SBOM"],
  },
  {
    name: "vulnerabilities",
    open: at("/vulnerabilities"),
    heading: /vulnerabilit(y|ies) .+ in acme/i,
    says: ["CVE ID or package", "Severity", "Fix"],
  },
  {
    name: "policies",
    open: at("/policies"),
    heading: /policies hold in acme/,
    says: ["signed-by-platform-key", "no-legacy", "signed-by-anyone-in-acme"],
  },
  {
    name: "policy, violations",
    open: within("/policies", "signed-by-release"),
    heading: /signed-by-release: .+ violation/,
    says: ["payments-worker", "prod-eu-west"],
  },
  {
    name: "policy, clusters",
    open: within("/policies", "signed-by-release", "Clusters"),
    heading: /signed-by-release/,
    says: ["prod-eu-west", "edge-07"],
  },
  {
    name: "policy, versions",
    open: within("/policies", "signed-by-release", "Versions"),
    heading: /signed-by-release/,
    says: ["1"],
  },
  {
    name: "policy, document",
    open: within("/policies", "signed-by-release", "Document"),
    heading: /signed-by-release/,
    says: ["kind: ClusterImagePolicy", "trustRootRef"],
  },
  {
    name: "policy form",
    open: at("/policies/new"),
    heading: /Write a policy/,
    says: ["Document (YAML)", "Group"],
  },
  {
    name: "groups",
    open: at("/groups"),
    heading: /groups? in acme/,
    says: ["production", "edge", "staging", "inherited from acme"],
  },
  {
    name: "group, what applies",
    open: within("/groups", "production"),
    heading: /polic(y|ies) appl(y|ies) in production/,
    says: ["Inherited from acme", "Right below", "What clusters may send"],
  },
  {
    name: "group, members",
    open: within("/groups", "production", "Members"),
    heading: /holds? a role in production/,
    says: ["The whole installation", "Grant a role"],
  },
  {
    name: "group, change",
    open: within("/groups", "production", "Rename, move, delete"),
    heading: /Change acme\/production/,
    says: ["Show what moving changes", "Show what deleting changes"],
  },
  { name: "people", open: at("/people"), heading: /in acme/, says: ["Kind", "New identity"] },
  {
    name: "people, none like that",
    open: at("/people?text=nobody-is-called-so"),
    heading: /No identities/,
    says: ["Nobody is like that", "Show everybody"],
  },
  { name: "identity form", open: at("/people/new"), heading: /New identity/, says: ["Subject"] },
  { name: "roles", open: at("/roles"), heading: /come with Loadline/, says: ["policy.editor"] },
  {
    name: "role",
    open: at("/roles/viewer"),
    heading: /viewer holds/,
    says: ["Built in", "Role bindings"],
  },
  { name: "role form", open: at("/roles/new"), heading: /New role/, says: ["greyed out"] },
  { name: "invites", open: at("/invites"), heading: /open invites wait/, says: ["Nobody was invited"] },
  { name: "invite form", open: at("/invites/new"), heading: /Invite somebody/, says: ["30 days"] },
  { name: "providers", open: at("/providers"), heading: /providers sign/, says: ["OIDC"] },
  { name: "provider form", open: at("/providers/new"), heading: /provider/, says: ["PKCE"] },
  {
    name: "account, sessions",
    open: at("/account"),
    heading: /You are signed in here/,
    says: ["This one", "Chrome on Linux", "127.0.0.1", "Sign out here"],
  },
  {
    name: "account, tokens",
    open: at("/account?tab=tokens"),
    heading: /tokens? acts? as you/i,
    says: ["Revoke…", "All that you may"],
  },
  {
    name: "account, signing in",
    open: at("/account?tab=sign-in"),
    heading: /You have no password here/,
    says: ["Name and password", "12 characters at least"],
  },
  {
    name: "token form",
    open: at("/account/tokens/new"),
    heading: /New token/,
    says: ["Where it may act", "greyed out"],
  },
  {
    name: "codes, shown before",
    open: at("/account/codes"),
    heading: /Set up one-time codes/,
    says: ["shown before", "Show a new QR code"],
  },
  { name: "audit", open: at("/audit"), heading: /acts? in acme/, says: ["What changed", "CSV"] },
  {
    name: "audit, at no known time",
    open: at("/audit?from=yesterday"),
    heading: /no time to look at/,
    says: ["Write a date such as"],
  },
  { name: "group form", open: at("/groups/new"), heading: /New group/, says: ["Below"] },
  {
    name: "cluster form",
    open: at("/clusters/new"),
    heading: /Connect a cluster/,
    says: ["Register, and show its token"],
  },
  {
    name: "search without a hit",
    open: at("/groups?find=nothing-is-called-so"),
    heading: /What is called/,
    says: ["Nothing is called", "Show all groups"],
  },
  {
    name: "an address that is none",
    open: at("/clusters/0000000000000000"),
    heading: /Nothing is here/,
    says: ["Go to the overview"],
  },
  {
    name: "trust",
    open: at("/settings/trust"),
    heading: /that policies of acme trust/,
    says: ["The public-good Sigstore", "acme-sigstore", "signed-by-release", "certificate authority"],
  },
];

for (const shown of PAGES) {
  test.describe(shown.name, () => {
    test("with scripts: axe finds nothing, in light and dark", async ({ page }) => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        // The browser reports a page that answers 404 here as well.
        const isOwn = message.type() === "error" && !message.text().includes("404");
        if (isOwn) complaints.push(message.text());
      });
      await shown.open(page);
      await says(page, shown);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await axe(page);
      }
      expect(complaints).toEqual([]);
    });

    test.describe("without scripts", () => {
      test.use({ javaScriptEnabled: false });

      test("the rows are there", async ({ page }) => {
        await shown.open(page);
        await says(page, shown);
      });
    });

    test("on a narrow screen, nothing scrolls sideways", async ({ page }) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await shown.open(page);
      const [wide, screen] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      expect(wide).toBeLessThanOrEqual(screen!);
    });
  });
}

test.describe("a visitor", () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  for (const path of [
    "/",
    "/clusters",
    "/images",
    "/packages",
    "/vulnerabilities",
    "/policies",
    "/groups",
    "/policies/new",
    "/people",
    "/roles",
    "/roles/policy.editor",
    "/invites",
    "/providers",
    "/account",
    "/audit",
  ]) {
    test(`is sent from ${path} to the sign-in page`, async ({ page }) => {
      await page.goto(path);
      await expect(page).toHaveURL(/\/sign-in/);
      await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    });
  }

  test("finds the sign-in page in order, in light and dark", async ({ page }) => {
    for (const path of ["/sign-in", "/sign-in?secret=lll_no-such-link"]) {
      await page.goto(path);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await axe(page);
      }
    }
  });
});

test("no page loads anything from elsewhere, and only the policy form loads WebAssembly", async ({
  page,
  house,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const wasm = () => asked.filter((url) => url.endsWith(".wasm"));
  const plain = ["/", "/clusters", "/images", "/packages", "/vulnerabilities", "/policies"];
  for (const path of [...plain, "/groups"]) await page.goto(path);
  expect(wasm()).toEqual([]);
  await page.goto("/policies/new");
  await expect.poll(wasm).toHaveLength(1);
  expect(asked.filter((url) => !url.startsWith(house.url))).toEqual([]);
});

async function says(page: Page, { heading, says }: Shown) {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
  const content = page.locator("main");
  for (const text of says) await expect(content).toContainText(text);
}
