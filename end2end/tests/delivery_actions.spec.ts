// What a person does with deliveries that were not delivered: search, retry, cancel.
import { signIn } from '../pages/account.js';
import { DeliveriesPage } from '../pages/deliveries.js';
import { ProjectPage } from '../pages/project.js';
import { WebhooksPage } from '../pages/webhooks.js';
import type { Receiver } from '../support/receiver.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues } from '../support/work.js';
import type { Page } from '@playwright/test';

/** A project whose only endpoint is the receiver. */
async function start(page: Page, receiver: Receiver): Promise<DeliveriesPage> {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  return new DeliveriesPage(webhooks.project);
}

test('deliveries are searched by subject, event ID and status code', async ({ page, receiver }) => {
  receiver.answer = () => ({ status: receiver.received.length === 1 ? 404 : 200 });
  const deliveries = await start(page, receiver);
  await makeIssues(page, deliveries.project.id, ['Card payment fails']);
  await receiver.waitFor(1);
  await makeIssues(page, deliveries.project.id, ['Straße 50%', 'Cart is empty']);
  const requests = await receiver.waitFor(3);
  await deliveries.open();
  await expect(deliveries.rows()).toHaveCount(3);
  const search = page.getByRole('searchbox', { name: 'Search subject or ID' });
  await search.fill('STRASSE 50%');
  await expect(deliveries.rows()).toHaveCount(1);
  await expect(page).toHaveURL(/search=STRASSE/);
  const event = requests[0]!.headers['webhook-id'] as string;
  await search.fill(event);
  await expect(deliveries.rows('Card payment fails')).toHaveCount(1);
  await expect(deliveries.rows()).toHaveCount(1);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Reset', exact: true }).click();
  await expect(search).toHaveValue('');
  await expect(deliveries.rows()).toHaveCount(3);
  await page.getByRole('searchbox', { name: 'Status code of the response' }).fill('404');
  await expect(deliveries.rows()).toHaveCount(1);
  await expect(deliveries.rows('Card payment fails')).toContainText('Exhausted');
  await deliveries.reload();
  await expect(deliveries.rows()).toHaveCount(1);
});

test('an exhausted delivery is retried, live in another tab', async ({ page, receiver, server, browser, watch }) => {
  receiver.answer = () => ({ status: receiver.received.length === 1 ? 404 : 200, body: 'no such hook' });
  const deliveries = await start(page, receiver);
  await makeIssues(page, deliveries.project.id, ['Card payment fails']);
  await receiver.waitFor(1);
  const other = await browser.newContext({ baseURL: server.url });
  watch(other);
  const elsewhere = await other.newPage();
  await signIn(elsewhere);
  const watcher = new DeliveriesPage(new ProjectPage(elsewhere, deliveries.project.id));
  await watcher.open();
  await expect(watcher.rows('issue.created')).toContainText('Exhausted');

  await deliveries.open();
  await expect(deliveries.rows('issue.created').getByRole('button', { name: 'Replay issue.created' })).toBeVisible();
  await deliveries.show('issue.created');
  const { drawer } = deliveries;
  await expect(drawer).toContainText('Retry makes another attempt of this delivery.');
  const first = drawer.getByRole('tabpanel', { name: /^1\. 404/ });
  for (const name of ['the error', 'the request body', 'the request']) {
    await expect(first.getByRole('button', { name: `Copy ${name}`, exact: true })).toBeVisible();
  }
  await first.getByRole('tab', { name: 'Response' }).click();
  await expect(first.getByRole('button', { name: 'Copy the response body' })).toBeVisible();
  await expectAccessible(page);
  await drawer.getByRole('button', { name: 'Retry', exact: true }).click();
  await expect(deliveries.message('1 delivery retried')).toBeVisible();
  const [one, two] = await receiver.waitFor(2);
  expect(two!.headers['webhook-id']).toBe(one!.headers['webhook-id']);
  await expect(drawer.getByRole('tab', { name: /^2\. 200 OK/ })).toBeVisible();
  await expect(drawer.getByRole('button', { name: 'Retry', exact: true })).toHaveCount(0);
  await expect(watcher.rows('issue.created')).toHaveCount(1);
  await expect(watcher.rows('issue.created')).toContainText('Delivered');
  await other.close();
});

test('a failed delivery is retried at once, or cancelled', async ({ page, receiver }) => {
  receiver.answer = () => ({ status: 503 });
  const deliveries = await start(page, receiver);
  // The second retry is after five minutes.
  await makeIssues(page, deliveries.project.id, ['Card payment fails']);
  await receiver.waitFor(2);
  await deliveries.open();
  await deliveries.show('issue.created');
  const { drawer } = deliveries;
  await drawer.getByRole('button', { name: 'Retry now' }).click();
  await receiver.waitFor(3);
  await expect(drawer.getByRole('tab', { name: /^3\. 503/ })).toBeVisible();
  await drawer.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(deliveries.message('1 delivery cancelled')).toBeVisible();
  await expect(drawer).toContainText('Cancelled by');
  await expect(deliveries.rows('issue.created')).toContainText('Cancelled');
  await expect(drawer.getByRole('button', { name: 'Cancel', exact: true })).toHaveCount(0);
  await expectAccessible(page);
});

test('selected deliveries are retried or cancelled together', async ({ page, receiver }) => {
  receiver.answer = () => ({ status: 404 });
  const deliveries = await start(page, receiver);
  await makeIssues(page, deliveries.project.id, ['One', 'Two']);
  await receiver.waitFor(2);
  await deliveries.open();
  await expect(deliveries.rows('Exhausted')).toHaveCount(2);
  receiver.answer = () => ({ status: 200 });
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await expectAccessible(page);
  await page.getByRole('group', { name: 'Selection' }).getByRole('button', { name: 'Retry now' }).click();
  await expect(deliveries.message('2 deliveries retried')).toBeVisible();
  await receiver.waitFor(4);
  await expect(deliveries.rows('Delivered')).toHaveCount(2);
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await page.getByRole('group', { name: 'Selection' }).getByRole('button', { name: 'Cancel deliveries' }).click();
  await expect(deliveries.message('0 deliveries cancelled, 2 skipped')).toBeVisible();
});
