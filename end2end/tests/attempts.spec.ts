// The drawer of a delivery: its attempts, each with its request and response, and the way to its subject.
import { DeliveriesPage } from '../pages/deliveries.js';
import { Testware } from '../pages/testware.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues } from '../support/work.js';

test('each attempt shows its own request and response, the latest first', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  receiver.answer = () =>
    receiver.received.length === 1 ? { status: 503, body: 'restarting' } : { status: 200, body: '{"taken":true}' };
  const deliveries = new DeliveriesPage(webhooks.project);
  await deliveries.open();
  await makeIssues(page, webhooks.project.id, ['Total is wrong']);
  await deliveries.show('issue.created');
  const { drawer } = deliveries;
  const attempts = drawer.getByRole('tablist', { name: 'Attempts' }).getByRole('tab');
  await expect(attempts).toHaveCount(1);
  // The second attempt is shown as it comes, since no other was selected.
  await receiver.waitFor(2);
  await expect(attempts).toHaveCount(2);
  const [first, second] = [attempts.first(), attempts.last()];
  await expect(first).toContainText('1. 503 Service Unavailable');
  await expect(second).toContainText('2. 200 OK');
  await expect(second).toHaveAttribute('aria-selected', 'true');
  const panel = drawer.getByRole('tabpanel', { name: /^2\. 200 OK/ });
  await expect(panel.getByLabel('Request headers', { exact: true })).toContainText('webhook-signature');
  await expect(panel.getByLabel('Request body', { exact: true })).toContainText('"type": "issue.created"');
  await expectAccessible(page);
  await panel.getByRole('tab', { name: 'Response' }).click();
  await expect(panel.getByLabel('Response body', { exact: true })).toContainText('"taken": true');
  await expect(panel.getByLabel('Request body', { exact: true })).toBeHidden();

  // The arrow keys go from attempt to attempt; the response stays in view.
  await second.press('ArrowUp');
  await expect(first).toBeFocused();
  await expect(first).toHaveAttribute('aria-selected', 'true');
  const before = drawer.getByRole('tabpanel', { name: /^1\. 503/ });
  await expect(before.getByLabel('Response body', { exact: true })).toHaveText('restarting');
  await expect(before.getByRole('button', { name: 'Copy the response body' })).toBeVisible();
  await first.press('End');
  await expect(second).toBeFocused();
  await second.press('Home');
  await expect(first).toBeFocused();
  await before.getByRole('tab', { name: 'Response' }).press('ArrowLeft');
  await expect(before.getByRole('tab', { name: 'Request' })).toBeFocused();
  await expect(before.getByLabel('Request body', { exact: true })).toBeVisible();
  await expectAccessible(page);
});

test('a delivery leads to what it is about, until that is deleted', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.open();
  const url = `${receiver.url}/hook`;
  const added = await page.request.post(`/api/v1/projects/${webhooks.project.id}/webhooks`, {
    data: { name: 'CI trigger', url, events: ['*'] },
  });
  expect(added.status()).toBe(201);
  const testware = new Testware(page, webhooks.project);
  await testware.createCase('Pay by card');
  await testware.createRun('Release 1', 'Pay');
  const run = new URL(page.url()).pathname;
  await receiver.waitFor(2);
  const deliveries = new DeliveriesPage(webhooks.project);
  await deliveries.open();
  await deliveries.show('test_run.created');
  await deliveries.drawer.getByRole('link', { name: 'Open test run' }).click();
  await expect(page).toHaveURL(run);
  await expect(page.getByRole('heading', { name: 'Release 1' })).toBeVisible();
  await testware.confirm('Delete');
  await receiver.waitFor(3);
  await deliveries.open();
  await deliveries.show('test_run.created');
  await expect(deliveries.drawer.getByRole('link', { name: /^Open/ })).toHaveCount(0);
  await deliveries.drawer.press('Escape');
  await deliveries.show('case.created');
  await expect(deliveries.drawer.getByRole('link', { name: 'Open case' })).toBeVisible();
});
