// Replays of a time range: counted first, followed live, stopped.
import { WebhooksPage } from '../pages/webhooks.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues, titles } from '../support/work.js';
import type { Locator, Page } from '@playwright/test';

/** Opens the dialog from the menu of the only webhook on the page. */
async function openDialog(page: Page, item: string): Promise<Locator> {
  await page.getByRole('button', { name: /^More actions/ }).click();
  await page.getByRole('button', { name: new RegExp(`^${item}`) }).click();
  const dialog = page.getByRole('dialog', { name: 'Replay by time range' });
  await expect(dialog).toBeVisible();
  return dialog;
}

test('a new webhook gets what it missed, live in another tab', async ({ page, context, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await makeIssues(page, webhooks.project.id, ['Card declined', 'Slow login']);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  const dialog = await openDialog(page, 'Replay missed events');
  await expect(dialog.getByRole('radio', { name: 'Missed events' })).toBeChecked();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Count' }).click();
  await expect(dialog.getByRole('status')).toContainText('2 missed events.');

  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByRole('link', { name: 'CI trigger', exact: true }).click();
  await expect(other.getByRole('heading', { name: 'CI trigger', level: 1 })).toBeVisible();

  await dialog.getByRole('button', { name: 'Replay 2 deliveries' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('heading', { name: 'CI trigger', level: 1 })).toBeVisible();
  for (const tab of [page, other]) {
    const replays = tab.getByRole('region', { name: 'Replays' });
    await expect(replays).toContainText('2 of 2 queued: 2 delivered');
    await expect(replays.getByRole('progressbar', { name: 'Missed events' })).toHaveAttribute('aria-valuenow', '2');
    await expect(replays).toContainText('Completed');
  }
  const latest = page.getByRole('region', { name: 'Latest deliveries' });
  await expect(latest.getByText('Replay', { exact: true })).toHaveCount(2);
  await expectAccessible(page);

  // Nothing is missed any more.
  const again = await openDialog(page, 'Replay missed events');
  await again.getByRole('radio', { name: 'Last hour' }).check();
  await again.getByRole('button', { name: 'Count' }).click();
  await expect(again.getByRole('status')).toContainText('Nothing to replay in this range.');
  await again.getByRole('radio', { name: 'Custom' }).check();
  await expect(again.getByRole('status')).toBeEmpty();
  await again.getByRole('button', { name: 'Count' }).click();
  await expect(again.getByRole('alert')).toContainText('Enter a start time.');
  await again.getByLabel(/^From/).fill('2026-01-01T00:00');
  await again.getByRole('button', { name: 'Count' }).click();
  await expect(again.getByRole('status')).toContainText('Nothing to replay in this range.');
  await again.getByRole('button', { name: 'Cancel' }).click();
  await latest.getByRole('row').getByRole('link').first().click();
  await page.getByRole('link', { name: 'By time range' }).click();
  await expect(page.getByRole('heading', { name: 'Replays' })).toBeVisible();
});

test('a running replay is stopped', async ({ page, receiver }) => {
  test.slow();
  const webhooks = await WebhooksPage.start(page);
  // At most 100 wait at a time, so the replay can't end by itself before it is stopped.
  await makeIssues(page, webhooks.project.id, titles(150));
  receiver.answer = () => ({ hang: true });
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  const dialog = await openDialog(page, 'Replay missed events');
  await dialog.getByRole('button', { name: 'Count' }).click();
  await dialog.getByRole('button', { name: 'Replay 150 deliveries' }).click();
  const replays = page.getByRole('region', { name: 'Replays' });
  await expect(replays).toContainText('100 of 150 queued: 100 waiting');
  await expect(replays).toContainText('Running');
  await replays.getByRole('button', { name: 'Stop' }).click();
  await expect(replays).toContainText(/\d\d cancelled/);
  await expect(replays.getByRole('button', { name: 'Stop' })).toBeHidden();
  // The attempts in flight end first.
  await expect(replays).toContainText('Stopped', { timeout: 30_000 });
  await expect(replays).toContainText(/1\d\d of 150 queued: 1\d\d cancelled/);
});

test('a range that is too long to count says so, and is replayed all the same', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await makeIssues(page, webhooks.project.id, titles(3));
  await webhooks.open();
  await webhooks.project.addOutbound('CI trigger', `${receiver.url}/hook`);
  // The server counts 20,000 events. Its part is tested without a browser, with so many.
  await page.route('**/ui/replays/count**', async (route) => {
    const response = await route.fetch();
    const counted = (await response.json()) as object;
    await route.fulfill({ response, json: { ...counted, count: 2, atLeast: true } });
  });
  const dialog = await openDialog(page, 'Replay missed events');
  await dialog.getByRole('button', { name: 'Count' }).click();
  await expect(dialog.getByRole('status')).toContainText('At least 2 deliveries. The range is too long to count all of it.');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Replay all' }).click();
  await expect(page.getByRole('region', { name: 'Replays' })).toContainText(/3 queued: 3 delivered/);
});
