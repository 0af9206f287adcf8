// xtask finds or installs Chromium, and passes its path in TESTBELL_CHROMIUM.
import { defineConfig } from '@playwright/test';
import { launchOptions } from './support/browser.js';

export default defineConfig({
  testDir: './tests',
  // No retries: a flaky test shows a bug in the test or the product.
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
    contextOptions: { reducedMotion: 'reduce' },
    // A trace takes about a third of the time of a test. TESTBELL_TRACE=1 records those of failed tests.
    trace: process.env.TESTBELL_TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions,
  },
});
