// The delivery history: download, deletion with a typed confirmation, erasing, and how long it is kept.
import { readFile } from 'node:fs/promises';
import { hydrated, signIn } from '../pages/account.js';
import { DeliveriesPage } from '../pages/deliveries.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { Receiver } from '../support/receiver.js';
import { expect, expectAccessible, test } from '../support/test.js';
import type { Download, Page } from '@playwright/test';

/** A project with a webhook that has delivered events of these issues. */
async function start(page: Page, receiver: Receiver, titles: string[]): Promise<DeliveriesPage> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.createOutbound('CI trigger', `${receiver.url}/hook`);
  for (const title of titles) await page.request.post(`/api/v1/projects/${project.id}/issues`, { data: { title } });
  await receiver.waitFor(titles.length);
  const deliveries = new DeliveriesPage(project);
  await deliveries.open();
  await expect(deliveries.rows('Delivered')).toHaveCount(titles.length);
  return deliveries;
}

const openMenu = (page: Page) => page.getByRole('button', { name: 'History', exact: true }).click();

async function download(page: Page, name: string): Promise<string> {
  await openMenu(page);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
  return readFile(await (file as Download).path(), 'utf8');
}

test('the deliveries that match the filters are downloaded', async ({ page, receiver }) => {
  const deliveries = await start(page, receiver, ['One', 'Two']);
  const all = JSON.parse(await download(page, 'Download as JSON')) as Array<{ subject: string; body: string; attempts: unknown[] }>;
  expect(all.map((row) => row.attempts.length)).toEqual([1, 1]);
  expect(all[1]!.body).toContain('One');
  await deliveries.open('status=exhausted');
  expect(await download(page, 'Download as NDJSON')).toBe('');
  await deliveries.open('event=issue.created');
  const lines = (await download(page, 'Download as NDJSON')).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['issue.created', 'issue.created']);
});

test.describe('with an invalid value at first', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('the history of a project is cleared after its key was typed', async ({ page, receiver }) => {
    const deliveries = await start(page, receiver, ['One', 'Two']);
    await openMenu(page);
    await page.getByRole('button', { name: 'Clear history' }).click();
    const dialog = page.getByRole('dialog', { name: 'Clear history?' });
    await expectAccessible(page);
    await dialog.getByLabel('Type WEB to confirm').fill('APP');
    await dialog.getByRole('button', { name: 'Clear history' }).click();
    await expect(dialog.getByText('Type "WEB" to confirm.')).toBeVisible();
    await dialog.getByLabel('Type WEB to confirm').fill('WEB');
    await dialog.getByRole('button', { name: 'Clear history' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText('No deliveries yet')).toBeVisible();
    await expect(deliveries.rows()).toHaveCount(0);
    await deliveries.project.open('/settings/audit');
    await expect(page.getByRole('row', { name: /History cleared/ })).toContainText('Deliveries deleted: 2.');
  });
});

test('a payload and responses are erased in the drawer', async ({ page, receiver }) => {
  const deliveries = await start(page, receiver, ['Confidential']);
  await deliveries.show('issue.created');
  const { drawer } = deliveries;
  await expect(drawer).toContainText('"title": "Confidential"');
  await drawer.getByRole('button', { name: 'Erase payload' }).click();
  await page.getByRole('dialog', { name: 'Erase the payload?' }).getByRole('button', { name: 'Erase payload' }).click();
  await expect(drawer).toContainText(/Payload erased by .*, \d+ \w+ \d+/);
  await expect(drawer).not.toContainText('"title": "Confidential"');
  await expect(drawer.getByRole('button', { name: 'Erase payload' })).toHaveCount(0);
  await drawer.getByRole('button', { name: 'Erase responses' }).click();
  await page.getByRole('dialog', { name: 'Erase the responses?' }).getByRole('button', { name: 'Erase responses' }).click();
  await expect(drawer).toContainText(/Response of attempt 1 erased by/);
  await expectAccessible(page);
});

test.describe('while the list reads the deleted webhook again', () => {
  test.use({ expectedErrors: [/status of 404/] });

  test('a webhook is deleted with its history if that is selected', async ({ page, receiver }) => {
    const deliveries = await start(page, receiver, ['One']);
    const webhooks = new WebhooksPage(deliveries.project);
    await webhooks.open();
    await webhooks.press('CI trigger', 'Delete webhook');
    const dialog = page.getByRole('dialog', { name: 'Delete CI trigger?' });
    await expect(dialog.getByRole('checkbox')).not.toBeChecked();
    await dialog.getByRole('checkbox', { name: 'Also delete its delivery history' }).check();
    await webhooks.confirm('Delete webhook');
    await deliveries.open();
    await expect(page.getByText('No deliveries yet')).toBeVisible();
  });
});

test('a system admin sets how long history is kept, and clears all of it', async ({ page, receiver }) => {
  const deliveries = await start(page, receiver, ['One']);
  await page.goto('/admin/settings');
  await hydrated(page);
  await page.getByLabel('Delete webhook delivery history after').selectOption('30 days');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('Settings saved')).toBeVisible();
  await page.reload();
  await hydrated(page);
  await expect(page.getByLabel('Delete webhook delivery history after')).toHaveValue('30');
  await page.getByRole('button', { name: 'Clear all history' }).click();
  const dialog = page.getByRole('dialog', { name: 'Clear all history?' });
  await dialog.getByRole('textbox').fill('delete all history');
  await dialog.getByRole('button', { name: 'Clear all history' }).click();
  await expect(dialog).toBeHidden();
  await deliveries.open();
  await expect(page.getByText('No deliveries yet')).toBeVisible();
});

test('the settings follow changes of other admins, and keep what was selected', async ({ page }) => {
  await signIn(page);
  await page.goto('/admin/settings');
  await hydrated(page);
  await new LivePage(page).expectLive();
  const change = (retentionDays: number) => page.request.patch('/api/v1/settings', { data: { retentionDays } });
  const days = page.getByLabel('Delete webhook delivery history after');
  await change(30);
  await expect(days).toHaveValue('30');
  await days.selectOption('14');
  await change(365);
  await expect(page.getByText('Another admin has changed these settings')).toBeVisible();
  await expect(days).toHaveValue('14');
  await expectAccessible(page);
  await page.reload();
  await expect(days).toHaveValue('365');
  await hydrated(page);
  await new LivePage(page).expectLive();
  await days.selectOption('90');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('Settings saved')).toBeVisible();
  await change(30);
  await expect(days, 'a saved selection follows too').toHaveValue('30');
  const limit = page.getByLabel('Active outbound webhooks per project');
  await limit.fill('7');
  await days.selectOption('90');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByRole('button', { name: 'Save changes' }), 'the response has arrived').toBeEnabled();
  await change(365);
  await expect(page.getByText('Another admin has changed these settings')).toBeVisible();
  await expect(limit, 'what was typed into the other form').toHaveValue('7');
  await expect(page.getByRole('link', { name: 'Download as NDJSON' })).toHaveAttribute('href', '/api/v1/deliveries/export?format=ndjson');
});
