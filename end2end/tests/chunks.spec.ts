// Code splitting: the code of the requested page is preloaded, and loaded once.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { expect, test } from '../support/test.js';

const isChunk = (url: string) => /\/pkg\/.*\/(split|chunk)_[^/]*\.wasm$/.test(url);

/** Opens a page. Returns the chunk files that its head preloads, and those that the browser requested. */
async function open(page: Page, path: string): Promise<{ preloaded: string[]; requested: string[] }> {
  const requested: string[] = [];
  const note = (request: { url(): string }) => {
    if (isChunk(request.url())) requested.push(new URL(request.url()).pathname);
  };
  page.on('request', note);
  await page.goto(path);
  await hydrated(page);
  page.off('request', note);
  const links = await page.locator('head link[rel="preload"]').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  return { preloaded: links.filter(isChunk), requested };
}

test('the chunk of the requested page is preloaded and loaded once', async ({ page, request, baseURL }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const base = `/projects/${project.id}`;
  const chunks = { '/account': 'settings', [`${base}/issues`]: 'issues', [`${base}/runs`]: 'testware', [`${base}/settings/webhooks`]: 'webhooks' };
  for (const [path, chunk] of Object.entries(chunks)) {
    await test.step(path, async () => {
      const { preloaded, requested } = await open(page, path);
      expect(preloaded.filter((file) => file.includes(`/split_${chunk}_`)), path).toHaveLength(1);
      expect([...requested].sort(), path).toEqual([...preloaded].sort());
      for (const file of preloaded) expect((await request.get(new URL(file, baseURL).href)).status(), file).toBe(200);
    });
  }
  await page.context().clearCookies();
  const { preloaded, requested } = await open(page, '/sign-in');
  expect(preloaded.filter((file) => file.includes('/split_signed_out_'))).toHaveLength(1);
  expect([...requested].sort()).toEqual([...preloaded].sort());
});
