// The page of a webhook, and its switch.
import { signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { WebhooksPage } from '../pages/webhooks.js';
import type { Receiver } from '../support/receiver.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues, titles } from '../support/work.js';
import type { Locator, Page } from '@playwright/test';

/** The page of a new webhook. */
async function start(page: Page, receiver: Receiver): Promise<WebhooksPage> {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  await webhooks.card('CI trigger').getByRole('link', { name: 'CI trigger' }).click();
  await expect(page.getByRole('heading', { name: 'CI trigger', level: 1 })).toBeVisible();
  return webhooks;
}

function facts(page: Page): Locator {
  return page.getByRole('region', { name: 'Configuration' });
}

/** Edits a fact in place. */
async function edit(page: Page, label: string, fill: (field: Locator) => Promise<unknown>): Promise<void> {
  await facts(page).getByRole('button', { name: `Edit ${label}`, exact: true }).click();
  await fill(facts(page).locator('form').locator('input, select'));
  await facts(page).getByRole('button', { name: 'Save' }).click();
}

test('a webhook is edited field by field', async ({ page, receiver }) => {
  await start(page, receiver);
  await expectAccessible(page);
  await edit(page, 'name', (field) => field.fill('Build server'));
  await expect(page.getByRole('heading', { name: 'Build server', level: 1 })).toBeVisible();
  await expect(facts(page).getByRole('button', { name: 'Edit name' })).toBeFocused();

  await facts(page).getByRole('button', { name: 'Edit timeout' }).click();
  const timeout = facts(page).getByRole('spinbutton', { name: 'Timeout' });
  await expect(timeout).toBeFocused();
  await timeout.fill('15');
  await timeout.press('Enter');
  await expect(facts(page)).toContainText('15 s');
  await edit(page, 'retries', (field) => field.fill('10 s, 5 min'));
  const times = page.getByRole('region', { name: 'Retries' });
  await expect(times.getByRole('listitem')).toHaveCount(3);
  await expect(times.getByRole('listitem').last()).toContainText('after 5 min, then exhausted');
  await expect(times.getByRole('listitem').first()).toContainText(/\d\d:\d\d:\d\d/);
  await times.getByRole('button', { name: 'Edit retries' }).click();
  await expect(facts(page).getByRole('textbox', { name: 'Retries' })).toBeFocused();
  await page.keyboard.press('Escape');
  await edit(page, 'while inactive', (field) => field.selectOption('Drop events'));
  // The text is also an option of the form, so wait until that is gone.
  await expect(facts(page).locator('form')).toHaveCount(0);
  await expect(facts(page)).toContainText('Drop events');

  // Escape discards, and another field closes the first one.
  await facts(page).getByRole('button', { name: 'Edit name' }).click();
  await facts(page).getByRole('textbox', { name: 'Name' }).fill('Nothing');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Build server', level: 1 })).toBeVisible();
  await facts(page).getByRole('button', { name: 'Edit events' }).click();
  const events = page.getByRole('dialog', { name: 'Events of Build server' });
  await expect(events).toBeVisible();
  await expectAccessible(page);
  await events.getByRole('button', { name: 'Done' }).click();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Build server', level: 1 })).toBeVisible();
  await expect(facts(page)).toContainText('10 s, 5 min');
});

test('a save that ends leaves the form of another field open', async ({ page, receiver }) => {
  await start(page, receiver);
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/ui/webhooks/update', async (route) => {
    await released;
    await route.continue();
  });
  await edit(page, 'name', (field) => field.fill('Build server'));
  await facts(page).getByRole('button', { name: 'Edit timeout' }).click();
  await facts(page).getByRole('spinbutton', { name: 'Timeout' }).fill('15');
  release();
  await expect(page.getByRole('heading', { name: 'Build server', level: 1 })).toBeVisible();
  await expect(facts(page).getByRole('spinbutton', { name: 'Timeout' })).toHaveValue('15');
});

test.describe('with a wrong value', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('a field says what is wrong', async ({ page, receiver }) => {
    await start(page, receiver);
    await edit(page, 'URL', (field) => field.fill('ftp://ci.example.com'));
    await expect(facts(page).getByRole('alert')).toContainText(/https?/);
    await expect(facts(page).getByRole('textbox', { name: 'URL' })).toHaveAttribute('aria-invalid', 'true');
    await expectAccessible(page);
    await facts(page).getByRole('button', { name: 'Cancel' }).click();
    await expect(facts(page)).toContainText(`${receiver.url}/hook`);
    await edit(page, 'timeout', (field) => field.fill('99'));
    await expect(facts(page).getByRole('alert')).toHaveText('Use 1 to 30 seconds.');
  });
});

test('deliveries and statistics appear live', async ({ page, receiver }) => {
  receiver.answer = () => ({ status: receiver.received.length === 1 ? 404 : 200 });
  const webhooks = await start(page, receiver);
  const health = page.getByRole('region', { name: 'Health' });
  await expect(health).toContainText('–');
  await makeIssues(page, webhooks.project.id, ['Card payment fails']);
  const latest = page.getByRole('region', { name: 'Latest deliveries' });
  await expect(latest).toContainText('Exhausted');
  await makeIssues(page, webhooks.project.id, titles(3));
  await expect(latest.getByRole('row')).toHaveCount(5);
  await expect(health).toContainText('75.0 %', { timeout: 15_000 });
  await expect(health.getByRole('img', { name: /^Successful attempts over the last 24 h: 3 of 4\./ })).toBeVisible();
  await expectAccessible(page);
  await health.getByRole('link', { name: '7 d' }).click();
  await expect(page).toHaveURL(/period=7d/);
  await expect(health.getByRole('img', { name: /over the last 7 d: 3 of 4/ })).toBeVisible();
  await latest.getByRole('link', { name: 'View all' }).click();
  await expect(page).toHaveURL(/tab=deliveries&webhook=whk_/);
  await expect(page.getByRole('row').filter({ has: page.getByRole('cell') })).toHaveCount(4);
});

for (const wanted of ['sent', 'cancelled'] as const) {
  test(`an inactive webhook holds its events, and they are ${wanted}`, async ({ page, receiver, server, browser, watch }) => {
    const webhooks = await start(page, receiver);
    const other = await browser.newContext({ baseURL: server.url });
    watch(other);
    const elsewhere = await other.newPage();
    await signIn(elsewhere);
    const watcher = new WebhooksPage(new ProjectPage(elsewhere, webhooks.project.id));
    await watcher.open();
    const active = page.getByRole('switch', { name: 'Active' });
    await active.click();
    await expect(active).not.toBeChecked();
    await expect(page.getByRole('button', { name: 'Health of CI trigger: Inactive' })).toBeVisible();
    await expect(watcher.health('CI trigger')).toContainText('Inactive');
    await makeIssues(page, webhooks.project.id, titles(2));
    await expect(page.getByText('Events are held while this webhook is inactive. 2 held deliveries.')).toBeVisible();
    await expectAccessible(page);

    // A test is sent all the same.
    await page.getByRole('button', { name: 'Send test: CI trigger' }).click();
    await expect(page.getByRole('status', { name: 'Result of the test' })).toContainText('Test delivered: 200 OK');
    await active.click();
    const dialog = page.getByRole('dialog', { name: 'Activate CI trigger?' });
    await expect(dialog).toContainText('2 held deliveries');
    await expectAccessible(page);
    await dialog.getByRole('radio', { name: wanted === 'sent' ? /^Send now/ : /^Cancel them/ }).check();
    await dialog.getByRole('button', { name: 'Activate' }).click();
    await expect(active).toBeChecked();
    await expect(watcher.health('CI trigger')).not.toContainText('Inactive');
    await receiver.waitFor(wanted === 'sent' ? 3 : 1);
    const latest = page.getByRole('region', { name: 'Latest deliveries' });
    await expect(latest.getByText(wanted === 'sent' ? 'Delivered' : 'Cancelled')).toHaveCount(wanted === 'sent' ? 3 : 2);
    await other.close();
  });
}

test('a webhook is deactivated in its menu', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  await webhooks.press('CI trigger', 'Deactivate');
  await expect(webhooks.health('CI trigger')).toContainText('Inactive');
  await expect(webhooks.card('CI trigger')).toContainText('Events are held while this webhook is inactive.');
  await expectAccessible(page);
  await webhooks.card('CI trigger').getByRole('button', { name: 'Activate webhook: CI trigger' }).click();
  await expect(webhooks.health('CI trigger')).not.toContainText('Inactive');
});

test('a webhook is deleted on its page', async ({ page, receiver }) => {
  await start(page, receiver);
  await page.getByRole('button', { name: 'Delete webhook', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete CI trigger?' });
  await dialog.getByRole('button', { name: 'Delete webhook' }).click();
  await expect(page.getByRole('heading', { name: 'Webhooks', level: 1 })).toBeVisible();
  await expect(page.getByText('No outbound webhooks')).toBeVisible();
});
