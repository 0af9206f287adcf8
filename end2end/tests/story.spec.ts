// The main scenario end to end: a new instance, an issue that changes in another browser, a signed
// event at a receiver, and the Deliveries tab that shows both.
import { hydrated, setUp, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { issuePayload, sendFromGithub } from '../support/github.js';
import { Receiver } from '../support/receiver.js';
import { expect, test } from '../support/test.js';
import { makeIssues } from '../support/work.js';

test.use({ serverOptions: { admin: false } });

test('an issue changed on GitHub updates every browser and reaches a receiver', async ({
  browser,
  page,
  receiver,
  server,
  watch,
}) => {
  await setUp(page);
  const project = await ProjectPage.createInDialog(page, 'Checkout web', 'WEB');
  await project.connectGithub('acme/checkout');
  const inbound = await project.addInbound();
  expect(inbound.url).toContain(`${server.url}/api/webhooks/whk_`);
  const secret = await project.addOutbound('CI trigger', `${receiver.url}/hook`);
  expect(secret).toMatch(/^whsec_/);

  const second = await browser.newContext({ baseURL: server.url });
  watch(second);
  const watcher = await second.newPage();
  await signIn(watcher);
  await watcher.goto(`/projects/${project.id}/issues`);
  await hydrated(watcher);
  await expect(new LivePage(watcher).dot).toHaveText('Live');
  await watcher.evaluate(() => Object.assign(window, { notReloaded: true }));

  const spelling = { number: 7, title: 'Spelling error in the README file', updatedAt: '2026-01-05T09:00:00Z' };
  const opened = await sendFromGithub(inbound, 'issues', issuePayload('opened', spelling));
  expect(await opened.json()).toEqual({ ok: true, outcome: 'created' });
  await expect(watcher.getByRole('link', { name: spelling.title })).toBeVisible();

  const [first] = await receiver.waitFor(1);
  const event = Receiver.verify(first!, secret) as { type: string; id: string; data: { title: string } };
  expect(event).toMatchObject({ type: 'issue.created', data: { title: spelling.title } });
  expect(first!.headers['webhook-id']).toBe(event.id);

  const payment = { number: 42, updatedAt: '2026-01-05T10:00:00Z' };
  await sendFromGithub(inbound, 'issues', issuePayload('opened', { ...payment, title: 'Card payment fails' }));
  const row = watcher.getByRole('row').filter({ hasText: '#42' });
  await expect(row).toContainText('Card payment fails');
  const closed = { ...payment, title: 'Card payment fails on Safari', state: 'closed' as const, updatedAt: '2026-01-05T10:05:00Z' };
  const applied = await sendFromGithub(inbound, 'issues', issuePayload('closed', closed));
  expect(await applied.json()).toEqual({ ok: true, outcome: 'applied' });
  await expect(row).toContainText('Card payment fails on Safari');
  await expect(row).toContainText('closed');
  expect(await watcher.evaluate(() => 'notReloaded' in window), 'nothing was loaded again').toBe(true);

  const again = await sendFromGithub(inbound, 'issues', issuePayload('closed', closed));
  expect(await again.json()).toEqual({ ok: true, outcome: 'duplicate' });

  await receiver.waitFor(4);
  await page.getByRole('link', { name: 'Deliveries', exact: true }).click();
  const deliveries = page.getByRole('row').filter({ hasText: 'CI trigger' });
  // Two were created; one of them was updated and resolved.
  await expect(deliveries).toHaveCount(4);
  await expect(deliveries.filter({ hasText: 'Delivered' })).toHaveCount(4);
  await expect(page.getByRole('row').filter({ hasText: 'issues.closed' }).filter({ hasText: 'Applied' })).toHaveCount(1);
  await deliveries.filter({ hasText: 'issue.updated' }).getByRole('link').click();
  const drawer = page.getByRole('dialog', { name: 'Delivery' });
  await expect(drawer).toContainText('webhook-signature: v1,');
  await expect(drawer).toContainText('Card payment fails on Safari');
  await expect(drawer).toContainText('200 OK');
  await expect(page).toHaveURL(/delivery=dlv_/);
  await second.close();
});

test('a change while a page loads is shown once it has loaded', async ({ page }) => {
  await setUp(page);
  const project = await ProjectPage.createInDialog(page, 'Checkout web', 'WEB');
  let go = (): void => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`/projects/${project.id}/issues`, { waitUntil: 'commit' });
  await expect(page.getByText('No issues yet')).toBeVisible();
  await makeIssues(page, project.id, ['Came early']);
  go();
  await expect(page.getByText('Came early')).toBeVisible();
});

test('an open Deliveries tab updates live', async ({ page, receiver }) => {
  await setUp(page);
  const project = await ProjectPage.createInDialog(page, 'Checkout web', 'WEB');
  await project.connectGithub('acme/checkout');
  const inbound = await project.addInbound();
  receiver.answer = () => ({ status: 503, body: 'upstream is restarting' });
  await project.addOutbound('CI trigger', `${receiver.url}/hook`);
  await page.getByRole('link', { name: 'Deliveries', exact: true }).click();
  await expect(page.getByText('No deliveries yet')).toBeVisible();
  const issue = { number: 1, title: 'Total is wrong', updatedAt: '2026-01-05T10:00:00Z' };
  await sendFromGithub(inbound, 'issues', issuePayload('opened', issue));
  const row = page.getByRole('row').filter({ hasText: 'issue.created' });
  await expect(row).toContainText('Failed');
  await expect(row).toContainText('503');
});
