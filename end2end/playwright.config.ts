// How the console is tested in a real browser. Each worker has a server of its own
// (fixtures.ts), so no address stands here.
import { defineConfig } from "@playwright/test";
import { existsSync } from "node:fs";

// The system's browser where there is one, else the one that Playwright installed.
const chromium = [process.env.PW_CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (path) => path !== undefined && existsSync(path),
);

export default defineConfig({
  testDir: "./tests",
  outputDir: "./test-results",
  // One worker: the browser and the server share two cores in the smallest of our machines.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    },
  },
});
