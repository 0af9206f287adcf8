// The digest of a chat tool: suggested for a long queue, and what it covers.
import { WebhooksPage } from '../pages/webhooks.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues, titles } from '../support/work.js';
import type { Locator, Page } from '@playwright/test';

const EVENTS = 45;

function facts(page: Page): Locator {
  return page.getByRole('region', { name: 'Configuration' });
}

test.use({ serverOptions: { env: { TESTBELL_HOST_OVERRIDES: 'hooks.slack.com=127.0.0.1' } } });

test('a digest is suggested for a long queue, and sums it up', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  receiver.answer = () => ({ status: 200, body: 'ok' });
  const { port } = new URL(receiver.url);
  const created = await page.request.post(`/api/v1/projects/${webhooks.project.id}/webhooks`, {
    data: { name: 'qa-alerts', url: `http://hooks.slack.com:${port}/services/T0/B0/token`, events: ['issue.created'] },
  });
  expect(created.status(), await created.text()).toBe(201);
  await webhooks.open();
  await webhooks.card('qa-alerts').getByRole('link', { name: 'qa-alerts' }).click();
  await expect(page.getByRole('heading', { name: 'qa-alerts', level: 1 })).toBeVisible();
  await expect(facts(page)).toContainText('Off, a message per event');

  // Slack gets one message per second, so a queue builds up, and the open page shows it.
  await makeIssues(page, webhooks.project.id, titles(EVENTS));
  const note = page.getByText(/\d+ queued deliveries\. A digest sums them up in one message\./);
  await expect(note).toBeVisible();
  await page.getByRole('button', { name: 'Send a digest every 5 minutes' }).click();
  await expect(facts(page)).toContainText(/Every 5 minutes, \d+ queued/);
  await expect(note).toBeHidden();
  await expect(facts(page).getByRole('button', { name: 'Edit digest' })).toBeFocused();
  await expectAccessible(page);
  const latest = page.getByRole('region', { name: 'Latest deliveries' });
  await expect(latest.getByText('Queued for digest').first()).toBeVisible();
  await latest.getByRole('link', { name: `Issue ${EVENTS}` }).click();
  const drawer = page.getByRole('dialog', { name: 'Delivery' });
  await expect(drawer).toContainText('Next digest');
  await expect(drawer.getByRole('button', { name: 'Cancel' })).toBeVisible();

  // Without a digest, what was collected is sent at once, as the last one.
  await page.goBack();
  await facts(page).getByRole('button', { name: 'Edit digest' }).click();
  await facts(page).getByRole('combobox', { name: 'Digest' }).selectOption('Off, a message per event');
  await facts(page).getByRole('button', { name: 'Save' }).click();
  const digest = latest.getByRole('row').filter({ hasText: 'webhook.digest' });
  await expect(digest).toContainText('Delivered');
  await expect(digest.getByText('Digest', { exact: true })).toBeVisible();
  const message = receiver.received.at(-1)!;
  expect(message.body).toMatch(/\d+ events/);
  expect(message.body).toContain(`Issue ${EVENTS}`);
  expect(receiver.received.length).toBeLessThan(EVENTS);

  await expect(latest.getByRole('row').filter({ hasText: `Issue ${EVENTS}` })).toContainText('Delivered');
  await latest.getByRole('link', { name: `Issue ${EVENTS}` }).click();
  await drawer.getByRole('link', { name: 'Delivered with a digest' }).click();
  await expect(drawer).toContainText(/Sums up \d+ deliveries/);
  await expectAccessible(page);

  // The list of what it covers, in which a message that was sent on its own is missing.
  const link = drawer.getByRole('link', { name: /^Show the \d+ events$/ });
  const covered = Number(/\d+/.exec((await link.textContent()) ?? '')?.[0]);
  await link.click();
  await expect(page.getByText(`${covered} deliveries`, { exact: true })).toBeVisible();
  await expect(page.getByRole('row', { name: new RegExp(`Issue ${EVENTS}\\b`) })).toBeVisible();
  await expect(page.getByRole('row', { name: /webhook\.digest/ })).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Remove filter: Events of a digest' }).click();
  await expect(page.getByRole('row', { name: /webhook\.digest/ })).toHaveCount(1);
  await expect(page).not.toHaveURL(/digest=/);
});

/** Sets up Slack with a digest, which has no intervals in a browser test: it is ended by turning it off. */
async function withDigest(page: Page, receiverUrl: string, minutes: number): Promise<{ webhooks: WebhooksPage; id: string }> {
  const webhooks = await WebhooksPage.start(page);
  const { port } = new URL(receiverUrl);
  const created = await page.request.post(`/api/v1/projects/${webhooks.project.id}/webhooks`, {
    data: {
      name: 'qa-alerts',
      url: `http://hooks.slack.com:${port}/services/T0/B0/token`,
      events: ['issue.created'],
      policy: { digestMinutes: minutes },
    },
  });
  expect(created.status(), await created.text()).toBe(201);
  return { webhooks, id: ((await created.json()) as { webhook: { id: string } }).webhook.id };
}

const turnOff = (page: Page, id: string) =>
  page.request.patch(`/api/v1/webhooks/${id}`, { data: { policy: { digestMinutes: 0 } } });

test('an interval that is not among the choices shows as itself', async ({ page, receiver }) => {
  const { webhooks, id } = await withDigest(page, receiver.url, 30);
  await webhooks.project.open(`/settings/webhooks/${id}`);
  await expect(facts(page)).toContainText('Every 30 minutes, 0 queued');
  await facts(page).getByRole('button', { name: 'Edit digest' }).click();
  const choice = facts(page).getByRole('combobox', { name: 'Digest' });
  await expect(choice).toHaveValue('30');
  await expect(choice.locator('option:checked')).toHaveText('Every 30 minutes');
  await facts(page).getByRole('button', { name: 'Save' }).click();
  await expect(facts(page)).toContainText('Every 30 minutes, 0 queued');
});

test('the drawer of a delivery follows its digest', async ({ page, receiver }) => {
  receiver.answer = () => ({ status: 200, body: 'ok' });
  const { webhooks, id } = await withDigest(page, receiver.url, 60);
  await makeIssues(page, webhooks.project.id, ['Card declined', 'Slow login']);
  await webhooks.project.open('/settings/webhooks?tab=deliveries');
  await page.getByRole('link', { name: 'Card declined' }).click();
  const drawer = page.getByRole('dialog', { name: 'Delivery' });
  await expect(drawer).toContainText('Next digest');
  await expect(drawer).toContainText('Pending');
  await turnOff(page, id);
  await expect(drawer.getByRole('link', { name: 'Delivered with a digest' })).toBeVisible();
  await expect(drawer).not.toContainText('Pending');
  expect(receiver.received.at(-1)!.body).toContain('2 events');
});

test('a digest of several projects lists its events on the page of the webhook', async ({ page, receiver }) => {
  receiver.answer = () => ({ status: 200, body: 'ok' });
  const { webhooks, id } = await withDigest(page, receiver.url, 60);
  const made = await page.request.post('/api/v1/projects', { data: { key: 'APP', name: 'Mobile app' } });
  const other = ((await made.json()) as { id: string }).id;
  await page.request.patch(`/api/v1/webhooks/${id}`, {
    data: { scope: { kind: 'projects', projectIds: [webhooks.project.id, other] } },
  });
  await makeIssues(page, webhooks.project.id, ['Card declined']);
  await makeIssues(page, other, ['App crashes']);
  await turnOff(page, id);
  await receiver.waitFor(1);
  await makeIssues(page, other, ['Later']);
  await receiver.waitFor(2);
  await webhooks.project.open('/settings/webhooks?tab=deliveries');
  await page.getByRole('row', { name: /webhook\.digest/ }).getByRole('link').first().click();
  await page.getByRole('dialog', { name: 'Delivery' }).getByRole('link', { name: 'Show the 2 events' }).click();
  await expect(page).toHaveURL(/\/webhooks\/whk_[^/]+\?digest=/);
  await expect(page.getByRole('row', { name: /Card declined/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /App crashes/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /Later/ })).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Remove filter: Events of a digest' }).click();
  await expect(page.getByRole('row', { name: /Later/ })).toBeVisible();
});
