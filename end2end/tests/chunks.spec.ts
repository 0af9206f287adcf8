// Code splitting: the code of what a page shows is preloaded, and loaded once. What opens later loads later.
import type { Page, Route } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { expect, test } from '../support/test.js';

const isChunk = (url: string) => /\/pkg\/.*\/(split|chunk)_[^/]*\.wasm$/.test(url);
const isUrlOfChunk = (url: URL) => isChunk(url.href);
const pathOf = (url: string) => new URL(url).pathname;

/**
 * Opens a page. Chunks that its head doesn't preload are held back until it is hydrated, so it can't need them
 * before. Returns the files that it preloads, and all that the browser requested.
 */
async function open(page: Page, path: string): Promise<{ preloaded: string[]; requested: string[] }> {
  const html = await (await page.request.get(path)).text();
  const tags = [...html.matchAll(/<link [^>]*>/g)].map(([tag]) => tag).filter((tag) => tag.includes('rel="preload"'));
  const preloaded = tags.map((tag) => / href="([^"]+)"/.exec(tag)?.[1] ?? '').filter((href) => isChunk(href));
  const requested: string[] = [];
  const held: Route[] = [];
  let ready = false;
  await page.route(isUrlOfChunk, async (route) => {
    const file = pathOf(route.request().url());
    requested.push(file);
    if (ready || preloaded.includes(file)) await route.continue();
    else held.push(route);
  });
  await page.goto(path);
  await hydrated(page);
  ready = true;
  for (const route of held) await route.continue();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  return { preloaded, requested };
}

/** Checks that a page preloads these chunks, and loads no file twice. */
async function expectChunks(page: Page, path: string, chunks: string[]): Promise<void> {
  const { preloaded, requested } = await open(page, path);
  const names = preloaded.map((file) => /split_(\w+)\.wasm$/.exec(file)?.[1]).filter((name) => name !== undefined);
  // A file may also have code that several chunks share.
  expect(names, path).toEqual(expect.arrayContaining(chunks));
  expect([...new Set(preloaded)], path).toEqual(preloaded);
  expect([...new Set(requested)], path).toEqual(requested);
  expect(requested, path).toEqual(expect.arrayContaining(preloaded));
}

test('a page preloads the code that it shows, and loads it once', async ({ page }) => {
  test.slow();
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const base = `/projects/${project.id}`;
  const create = async (path: string, data: object = { title: 'Pay' }) =>
    (await page.request.post(`/api/v1${base}/${path}`, { data })).json();
  const [issue, item, suite] = [await create('issues'), await create('cases'), await create('suites', { name: 'Shop' })];
  const [run, session] = [await create('runs', { name: 'Smoke' }), await create('sessions', { name: 'Explore' })];
  const proposal = { title: 'Pay by card', preconditions: '', steps: [], priority: 'medium', labels: [] };
  const review = await create('reviews', { title: 'Retitle', caseId: item.id, proposal });
  const added = { name: 'CI trigger', url: 'http://127.0.0.1:9/', events: ['case.deleted'] };
  const { webhook } = await (await page.request.post(`/api/v1${base}/webhooks`, { data: added })).json();
  const chunks: Record<string, string[]> = {
    '/': ['projects'],
    '/account': ['account'],
    '/account/tokens': ['tokens'],
    '/admin/people': ['users'],
    '/admin/audit': ['audit'],
    '/admin/settings': ['instance_settings'],
    '/webhooks': ['shared_webhooks'],
    '/admin/webhook-pause': ['instance_settings'],
    [`${base}/dashboard`]: ['dashboard'],
    [`${base}/issues`]: ['issues'],
    [`${base}/issues/${issue.id}`]: ['issue'],
    [`${base}/settings`]: ['project_settings'],
    [`${base}/settings/events`]: ['custom_events'],
    [`${base}/settings/integration`]: ['integration'],
    [`${base}/settings/members`]: ['members'],
    [`${base}/settings/audit`]: ['audit'],
    [`${base}/settings/webhooks`]: ['webhooks'],
    [`${base}/settings/webhooks?add=outbound`]: ['webhooks', 'webhook_dialogs'],
    [`${base}/settings/webhooks/${webhook.id}`]: ['webhooks', 'webhook_detail'],
    [`${base}/settings/webhooks?tab=deliveries`]: ['webhooks', 'deliveries'],
    [`${base}/settings/webhooks?tab=deliveries&delivery=dlv_unknown`]: ['webhooks', 'deliveries', 'delivery'],
    [`${base}/settings/webhooks?tab=inspector`]: ['webhooks', 'inspector'],
    [`${base}/import`]: ['imports'],
    [`${base}/runs`]: ['testware'],
    [`${base}/runs?new=run`]: ['testware', 'new_testware'],
    [`${base}/cases/${item.id}`]: ['case'],
    [`${base}/runs/${run.id}`]: ['execution'],
    [`${base}/sessions/${session.id}`]: ['execution'],
    [`${base}/reviews/${review.id}`]: ['review'],
    [`${base}/suites/${suite.id}`]: ['testware_item'],
  };
  for (const [path, own] of Object.entries(chunks)) {
    await test.step(path, () => expectChunks(page, path, ['frame', ...own]));
  }
  // The last page may still be connecting its stream.
  await page.goto('about:blank');
  await page.context().clearCookies();
  await expectChunks(page, '/sign-in', ['signed_out']);
});

test.describe('after a chunk could not be loaded', () => {
  test.use({ expectedErrors: [/net::ERR_FAILED|Failed to fetch/] });

  test('dialogs are loaded later', async ({ page }) => {
    await signIn(page);
    const project = await ProjectPage.create(page, 'Checkout app', 'APP');
    let failures = 1;
    await page.route(/split_webhook_dialogs\.wasm$/, (route) => (failures-- > 0 ? route.abort() : route.continue()));
    await project.open('/settings/webhooks');
    await project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
    await expect(page.getByRole('dialog', { name: 'Add outbound webhook' })).toBeVisible({ timeout: 15_000 });
    await expect(page.locator('#crash')).toHaveCount(0);
  });

  test('a page that a link leads to is loaded later', async ({ page }) => {
    await signIn(page);
    const project = await ProjectPage.create(page, 'Checkout app', 'APP');
    let failures = 1;
    await page.route(/split_tokens\.wasm$/, (route) => (failures-- > 0 ? route.abort() : route.continue()));
    await project.open('/issues');
    await page.locator('details.account summary').click();
    await page.getByRole('link', { name: 'API tokens' }).click();
    await expect(page.getByRole('heading', { name: 'API tokens' })).toBeVisible({ timeout: 15_000 });
    expect(failures, 'the file was requested again').toBeLessThan(0);
    await expect(page.locator('#crash')).toHaveCount(0);
  });
});
