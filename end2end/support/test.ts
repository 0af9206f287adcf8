// The `test` that every spec imports: it has its own server and receiver, and fails on any error in
// the browser's console. A failed hydration shows only there.
import { writeFile } from 'node:fs/promises';
import axe, { type RunOptions } from 'axe-core';
import { type BrowserContext, type ConsoleMessage, expect, type Page, test as base } from '@playwright/test';
import { Receiver } from './receiver.js';
import { Server, type ServerOptions } from './server.js';

export { expect };

/** Errors in the console that a test causes on purpose. */
export type Expected = RegExp[];

interface Fixtures {
  serverOptions: ServerOptions;
  expectedErrors: Expected;
  server: Server;
  receiver: Receiver;
  /** Watches the pages of another context, e.g. a second browser. */
  watch: (context: BrowserContext) => void;
}

export const test = base.extend<Fixtures>({
  serverOptions: [{}, { option: true }],
  expectedErrors: [[], { option: true }],

  server: async ({ serverOptions }, use, info) => {
    const server = await Server.start(serverOptions);
    try {
      await use(server);
    } finally {
      if (info.status !== info.expectedStatus) {
        // A file, because a long text would be printed.
        const path = info.outputPath('server.log');
        await writeFile(path, server.log);
        await info.attach('server.log', { path, contentType: 'text/plain' });
      }
      await server.remove();
    }
  },

  receiver: async ({}, use) => {
    const receiver = await Receiver.start();
    try {
      await use(receiver);
    } finally {
      await receiver.close();
    }
  },

  baseURL: async ({ server }, use) => use(server.url),

  watch: async ({ expectedErrors }, use) => {
    const errors: string[] = [];
    const note = (error: string) => {
      if (!expectedErrors.some((expected) => expected.test(error))) errors.push(error);
    };
    const watchPage = (page: Page) => {
      page.on('pageerror', (error) => note(`page error: ${error.stack ?? error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') note(described(message));
      });
    };
    await use((context) => {
      context.pages().forEach(watchPage);
      context.on('page', watchPage);
    });
    expect(errors, 'errors in the browser').toEqual([]);
  },

  context: async ({ context, watch }, use) => {
    watch(context);
    await use(context);
  },
});

/** Fails if axe finds problems on the current page, with all rules by default. */
export async function expectAccessible(page: Page, rules?: string[]): Promise<void> {
  // Elements that are fading in have too little contrast.
  await page.evaluate(() => {
    const finite = document.getAnimations().filter((one) => Number.isFinite(Number(one.effect?.getComputedTiming().endTime)));
    finite.forEach((one) => one.finish());
  });
  // Hydration writes the title once more.
  await expect(page).toHaveTitle(/\S/);
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const violations = await page.evaluate(async (rules) => {
    // Only violations have details; no page has frames.
    const options: RunOptions = { resultTypes: ['violations'], preload: false, iframes: false };
    if (rules !== undefined) options.runOnly = rules;
    return (await (window as unknown as { axe: typeof axe }).axe.run(document, options)).violations;
  }, rules);
  const findings = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`).join('\n  ')}`,
  );
  expect(findings, 'findings of axe').toEqual([]);
}

function described(message: ConsoleMessage): string {
  const { url, lineNumber } = message.location();
  return `console error: ${message.text()} (${url}:${lineNumber})`;
}
