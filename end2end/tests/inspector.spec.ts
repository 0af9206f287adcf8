// The Inspector tab: requests arrive live, the response is configured, signatures are checked.
import { hydrated, signIn } from '../pages/account.js';
import { InspectorPage } from '../pages/inspector.js';
import { ProjectPage } from '../pages/project.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { expect, expectAccessible, test } from '../support/test.js';
import type { Page } from '@playwright/test';
import { Webhook } from 'standardwebhooks';

async function start(page: Page): Promise<InspectorPage> {
  await signIn(page);
  const inspector = new InspectorPage(await ProjectPage.create(page, 'Checkout web', 'WEB'));
  await inspector.open();
  return inspector;
}

const post = (url: string, body: string, headers: Record<string, string> = {}) => fetch(url, { method: 'POST', body, headers });

test('requests appear live with their headers and body', async ({ page }) => {
  const inspector = await start(page);
  await expect(page.getByText('No inspector URLs')).toBeVisible();
  const url = await inspector.create();
  expect(url).toMatch(/\/inspect\/ins_[\w-]{43}$/);
  await expect(page.getByText('Waiting for the first request')).toBeVisible();
  await expectAccessible(page);
  const answer = await post(`${url}/hooks?a=b`, '{"type":"test_run.completed","note":"<b>bold</b>"}', { 'content-type': 'application/json', 'x-own': 'yes' });
  expect(answer.status).toBe(200);
  await expect(inspector.requests()).toHaveCount(1);
  await expect(inspector.requests('test_run.completed')).toContainText('POST, 50 bytes, unsigned');
  await expect(inspector.detail).toContainText('POST from 127.0.0.1. Answered 200');
  await expect(inspector.detail).toContainText('/hooks?a=b');
  await expect(inspector.detail.getByLabel('Body', { exact: true })).toContainText('"note": "<b>bold</b>"');
  await expect(inspector.detail.locator('.header-list')).toContainText('x-own');
  // Without a selection, the newest request is shown. A selected one stays.
  await fetch(url);
  await expect(inspector.requests()).toHaveCount(2);
  await expect(inspector.detail).toContainText('GET from 127.0.0.1');
  await inspector.requests('test_run.completed').getByRole('link').click();
  await expect(inspector.detail).toContainText('POST from 127.0.0.1');
  await fetch(url, { method: 'DELETE' });
  await expect(inspector.requests()).toHaveCount(3);
  await expect(inspector.detail).toContainText('POST from 127.0.0.1');
  await expect(page).toHaveURL(/request=inr_/);
  await page.reload();
  await hydrated(page);
  await expect(inspector.detail).toContainText('POST from 127.0.0.1');
  await expectAccessible(page);
});

test('a request can be copied as cURL', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const inspector = await start(page);
  const url = await inspector.create();
  await post(url, `it's`, { 'x-own': '$HOME' });
  await inspector.detail.getByRole('button', { name: 'Copy as cURL' }).click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(command).toContain(`curl -X 'POST' '${url}'`);
  expect(command).toContain(`-H 'x-own: $HOME'`);
  expect(command).toContain(`--data-raw 'it'\\''s'`);
});

test.describe('with an invalid value at first', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('the response is edited', async ({ page }) => {
    const inspector = await start(page);
    const url = await inspector.create();
    await page.getByRole('button', { name: 'Response: 200' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit response' });
    await dialog.getByLabel('Status').fill('700');
    await dialog.getByLabel('Delay (ms)').fill('soon');
    await dialog.getByRole('button', { name: 'Save response' }).click();
    await expect(dialog.getByText('Enter a whole number.')).toBeVisible();
    await dialog.getByLabel('Delay (ms)').fill('20');
    await dialog.getByRole('button', { name: 'Save response' }).click();
    await expect(dialog.getByText('Enter a status from 200 to 599.')).toBeVisible();
    await dialog.getByLabel('Status').fill('503');
    await dialog.getByLabel('Content type').selectOption('text/plain');
    await dialog.getByLabel('Body').fill('down for a while');
    await dialog.getByRole('button', { name: 'Save response' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('button', { name: 'Response: 503' })).toBeVisible();
    const answer = await post(url, '');
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([503, 'text/plain', 'down for a while']);
  });
});

test('signatures are checked with the secret of the sender', async ({ page }) => {
  const inspector = await start(page);
  const url = await inspector.create();
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  await inspector.choose('Set signing secret');
  const dialog = page.getByRole('dialog', { name: 'Set signing secret' });
  await dialog.getByLabel('Secret').fill(secret);
  await dialog.getByRole('button', { name: 'Save secret' }).click();
  await expect(dialog).toBeHidden();
  const send = async (signedWith: string, at: Date) => {
    const signature = new Webhook(signedWith).sign('msg_1', at, '{}');
    await post(url, '{}', { 'webhook-id': 'msg_1', 'webhook-timestamp': `${Math.floor(at.getTime() / 1000)}`, 'webhook-signature': signature });
  };
  await send(secret, new Date());
  await expect(inspector.detail).toContainText('Valid signature. Standard Webhooks v1');
  await send('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', new Date());
  await expect(inspector.detail).toContainText('Wrong secret.');
  await send(secret, new Date(Date.now() - 3_600_000));
  await expect(inspector.detail).toContainText('Timestamp too old.');
  await expect(inspector.requests('valid signature')).toHaveCount(1);
  // It is never shown again.
  expect(await page.content()).not.toContain(secret);
});

test('a webhook is added with the URL, and its deliveries arrive', async ({ page }) => {
  const inspector = await start(page);
  const url = await inspector.create();
  await page.getByRole('link', { name: 'Add webhook with this URL' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add outbound webhook' });
  await expect(dialog.getByLabel('URL')).toHaveValue(url);
  await dialog.getByLabel('Name').fill('Inspector');
  await dialog.getByRole('checkbox', { name: 'All issue events' }).check();
  await dialog.getByRole('button', { name: 'Add webhook' }).click();
  const panel = page.getByRole('dialog').filter({ hasText: /You won't see/ });
  await panel.getByRole('button', { name: 'Done' }).click();
  await expect(panel).toBeHidden();
  await expect(page).not.toHaveURL(/endpoint=/);
  await new WebhooksPage(inspector.project).press('Inspector', 'Send test');
  await inspector.open();
  await expect(inspector.requests('webhook.test')).toHaveCount(1);
});

test('requests are cleared, and a URL is extended and deleted', async ({ page }) => {
  const inspector = await start(page);
  const url = await inspector.create();
  const other = await inspector.create();
  await expect(page.getByRole('navigation', { name: 'Inspector URLs' }).getByRole('link')).toHaveCount(2);
  await page.getByRole('navigation', { name: 'Inspector URLs' }).getByRole('link').last().click();
  await expect(inspector.url).toHaveText(url);
  await post(url, 'x');
  await expect(inspector.requests()).toHaveCount(1);
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await page.getByRole('dialog', { name: 'Clear all requests?' }).getByRole('button', { name: 'Clear requests' }).click();
  await expect(page.getByText('Waiting for the first request')).toBeVisible();
  await inspector.choose('Extend by 7 days');
  await expect(page.getByText(/Expires in 2 weeks/)).toBeVisible();
  await inspector.choose('Delete URL');
  await page.getByRole('dialog', { name: 'Delete this URL?' }).getByRole('button', { name: 'Delete URL' }).click();
  await expect(inspector.url).toHaveText(other);
  expect((await post(url, '')).status).toBe(404);
});

test('the tab fits narrow screens', async ({ page }) => {
  const inspector = await start(page);
  const url = await inspector.create();
  await post(url, JSON.stringify({ type: 'a'.repeat(90), long: 'x'.repeat(500) }), { 'x-long': 'y'.repeat(500) });
  await expect(inspector.requests()).toHaveCount(1);
  for (const width of [360, 640, 801, 1001, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider, `${width} px`).toBeLessThanOrEqual(0);
  }
});
