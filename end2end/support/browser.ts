// Starts Chromium.
import type { LaunchOptions } from '@playwright/test';

export const launchOptions: LaunchOptions = {
  executablePath: process.env.TESTBELL_CHROMIUM || undefined,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Chromium with its back/forward cache, which Playwright disables by default. */
export const withBackForwardCache: LaunchOptions = {
  ...launchOptions,
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
};
