// Chromium is the machine's own: xtask finds or installs it, and names it in TESTBELL_CHROMIUM.
import { defineConfig } from '@playwright/test';
import { launchOptions } from './support/browser.js';

export default defineConfig({
  testDir: './tests',
  // No retries: a test that fails now and then shows a fault of the test or of the product.
  retries: 0,
  workers: 2,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['html', { open: 'never' }], ['./support/summary.ts']],
  use: {
    browserName: 'chromium',
    headless: true,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions,
  },
});
