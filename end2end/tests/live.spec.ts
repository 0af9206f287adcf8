// Live updates in hard cases: outages, the back/forward cache, many tabs, a crash.
import type { BrowserContext, Page, Request } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { expectStreams, LivePage, RECONNECT_TIMEOUT_MS, trap } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { withBackForwardCache } from '../support/browser.js';
import { expect, test } from '../support/test.js';
import { makeIssues } from '../support/work.js';

test.use({
  launchOptions: withBackForwardCache,
  // An unreachable server and an ended session, on purpose.
  expectedErrors: [/net::ERR_|status of 401/],
});

/** Opens the live list of issues of a new project. */
async function start(page: Page): Promise<{ project: ProjectPage; live: LivePage }> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/issues');
  const live = new LivePage(page);
  await live.expectLive();
  return { project, live };
}

/** Another tab of the same browser with the issues of a project, live. */
async function openTab(context: BrowserContext, project: string): Promise<LivePage> {
  const page = await context.newPage();
  await page.goto(`/projects/${project}/issues`);
  await hydrated(page);
  const live = new LivePage(page);
  await live.expectLive();
  return live;
}

test('a page reconnects after the server was killed, and shows what it missed', async ({ page, server }) => {
  const { project, live } = await start(page);
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  for (const [end, title] of [['kill', 'After a crash'], ['stop', 'After a stop']] as const) {
    await server[end]();
    await live.expectPaused();
    await server.restart();
    await makeIssues(page, project.id, [title]);
    await live.expectLive();
    await expect(live.issue(title)).toBeVisible();
  }
  await makeIssues(page, project.id, ['Live again']);
  await expect(live.issue('Live again')).toBeVisible();
  expect(await page.evaluate(() => 'notReloaded' in window), 'nothing was loaded again').toBe(true);
});

test('a page is live within seconds after a minute without a server', async ({ page, server }) => {
  await page.clock.install();
  const { project, live } = await start(page);
  const pending = new Set<Request>();
  let tries = 0;
  page.on('request', (request) => {
    if (request.url().includes('/api/issues/stream')) pending.add(request);
  });
  page.on('requestfailed', (request) => {
    if (pending.delete(request)) tries += 1;
  });
  await server.kill();
  await expect(live.dot).toHaveText('Reconnecting…');
  for (let second = 0; second < 60; second += 1) {
    await page.clock.runFor(1000);
    // The machine may be slower than the page's clock.
    await expect.poll(() => pending.size).toBe(0);
  }
  await live.expectPaused();
  expect(tries, 'with back-off').toBeGreaterThan(5);
  expect(tries, 'with back-off').toBeLessThan(30);
  await server.restart();
  await makeIssues(page, project.id, ['After a minute']);
  await page.clock.runFor(8_000);
  await live.expectLive();
  await expect(live.issue('After a minute')).toBeVisible();
});

test('a page reconnects at once when the network is back', async ({ page, server, context }) => {
  // First, because timers of before can't be cancelled.
  await page.clock.install();
  const { live } = await start(page);
  await server.kill();
  await expect(live.dot).toHaveText('Reconnecting…');
  await page.clock.runFor(30_000);
  await page.clock.pauseAt(Date.now() + 120_000);
  await server.restart();
  await context.setOffline(true);
  await context.setOffline(false);
  // The browser notifies the page after a while. All iterations together are shorter than the delay of the next attempt.
  await expect(async () => {
    await page.clock.runFor(200);
    await expect(live.dot).toHaveText('Live', { timeout: 1_000 });
  }).toPass({ timeout: 15_000 });
  await live.expectLive();
});

test('pages in the back/forward cache hold no stream, and catch up when restored', async ({ page, server }) => {
  await page.addInitScript(() => {
    addEventListener('pageshow', (event) => Object.assign(window, { cameFromCache: event.persisted }));
  });
  const { project, live } = await start(page);
  for (let load = 1; load <= 12; load += 1) {
    await page.goto(`/projects/${project.id}/issues?search=${load}`);
    await hydrated(page);
  }
  await live.expectLive();
  await expectStreams(server.url, 1);
  await page.goto(`/projects/${project.id}/issues`);
  await live.expectLive();
  await page.goto('/account/tokens');
  await hydrated(page);
  // That of the page before is closed.
  await expectStreams(server.url, 1);
  await makeIssues(page, project.id, ['Made meanwhile']);
  // Playwright would wait forever for a page from the cache to load.
  await page.evaluate(() => void setTimeout(() => history.back()));
  await expect(live.issue('Made meanwhile')).toBeVisible();
  expect(await page.evaluate(() => 'cameFromCache' in window && window.cameFromCache)).toBe(true);
  await live.expectLive();
});

test('twenty tabs share one stream, and another tab takes over when its holder closes', async ({ page, server, context }) => {
  test.setTimeout(150_000);
  const { project, live } = await start(page);
  const tabs = [live];
  while (tabs.length < 20) tabs.push(await openTab(context, project.id));
  await expectStreams(server.url, 1);
  await makeIssues(tabs[19]!.page, project.id, ['Everywhere']);
  for (const tab of tabs) await expect(tab.issue('Everywhere')).toBeVisible();

  await page.close();
  const left = tabs.slice(1);
  await makeIssues(left[0]!.page, project.id, ['After the holder']);
  for (const tab of left) await expect(tab.issue('After the holder')).toBeVisible();
  await expectStreams(server.url, 1);

  await server.kill();
  await left[18]!.expectPaused();
  await server.restart();
  await makeIssues(left[0]!.page, project.id, ['After the crash']);
  for (const tab of left) {
    await tab.expectLive();
    await expect(tab.issue('After the crash')).toBeVisible();
  }
  await expectStreams(server.url, 1);
});

test('tabs of eight projects share one stream', async ({ page, server, context }) => {
  await signIn(page);
  const projects: string[] = [];
  for (let number = 1; number <= 8; number += 1) {
    const data = { name: `Project ${number}`, key: `P${number}X` };
    const made = await page.request.post('/api/v1/projects', { data });
    expect(made.status(), await made.text()).toBe(201);
    projects.push(((await made.json()) as { id: string }).id);
  }
  const tabs: LivePage[] = [];
  for (const project of projects) tabs.push(await openTab(context, project));
  await expectStreams(server.url, 1);
  for (const [index, project] of projects.entries()) await makeIssues(page, project, [`Issue of ${index}`]);
  for (const [index, tab] of tabs.entries()) {
    await expect(tab.issue(`Issue of ${index}`)).toBeVisible();
    await tab.expectLive();
  }
});

test('a browser without Web Locks has a stream for each tab', async ({ page, server, context }) => {
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
  const { project, live } = await start(page);
  const other = await openTab(context, project.id);
  await expectStreams(server.url, 2);
  await makeIssues(page, project.id, ['In both']);
  for (const tab of [live, other]) await expect(tab.issue('In both')).toBeVisible();
});

test('a tab says that the user was signed out', async ({ page, server, context }) => {
  const { live } = await start(page);
  const other = await context.newPage();
  await other.goto('/');
  await hydrated(other);
  await other.getByTitle('Account and theme').click();
  await other.getByRole('button', { name: 'Sign out' }).click();
  await expect(other).toHaveURL(/sign-in/);
  await hydrated(other);
  await server.kill();
  await server.restart();
  await expect(live.notice).toContainText('You are signed out.', { timeout: RECONNECT_TIMEOUT_MS });
  await expect(live.dot).toHaveText('Not live');
  await live.notice.getByRole('link', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/sign-in\?next=%2Fprojects%2F/);
});

test.describe('a page that crashes', () => {
  test.use({ expectedErrors: [/unreachable/] });

  test('says so, offers to reload, and leaves its stream to another tab', async ({ page, context }) => {
    const { project, live } = await start(page);
    const other = await openTab(context, project.id);
    const holder = () => other.page.evaluate(async () => (await navigator.locks.query()).held?.[0]?.clientId);
    const before = await holder();
    await trap(page);
    const message = page.getByRole('alert').filter({ hasText: 'this page has stopped working' });
    await expect(message).toBeVisible();
    await expect.poll(holder).not.toBe(before);
    await makeIssues(page, project.id, ['In the other tab']);
    await expect(other.issue('In the other tab')).toBeVisible();
    await message.getByRole('button', { name: 'Reload page' }).click();
    await expect(message).toHaveCount(0);
    await hydrated(page);
    await live.expectLive();
  });
});

test('a response that arrives after its page was left does no harm', async ({ page, receiver }) => {
  const { project } = await start(page);
  await project.createOutbound('CI trigger', `${receiver.url}/hook`);
  let answer = (): void => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/ui/webhooks/rotate*', async (route) => {
    await held;
    await route.continue();
  });
  await project.open('/settings/members');
  await page.getByRole('link', { name: 'Webhooks', exact: true }).first().click();
  await new WebhooksPage(project).press('CI trigger', 'Rotate');
  const dialog = page.getByRole('dialog', { name: /^Rotate/ });
  const asked = page.waitForRequest(/\/ui\/webhooks\/rotate/);
  await dialog.getByRole('button', { name: /^Rotate/ }).click();
  await asked;
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Members', exact: true })).toBeVisible();
  const answered = page.waitForResponse(/\/ui\/webhooks\/rotate/);
  answer();
  await (await answered).finished();
  // The page still works: the secret was not copied yet.
  await expect(page.getByRole('link', { name: 'Show it' })).toBeVisible();
});
