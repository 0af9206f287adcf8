// The health of a webhook: a failing endpoint, and its held deliveries.
import { signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues, titles } from '../support/work.js';

for (const wanted of ['sent', 'cancelled'] as const) {
  test(`a webhook whose endpoint is gone is disabled, and held deliveries are ${wanted}`, async ({ page, receiver, server, browser, watch }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
    const other = await browser.newContext({ baseURL: server.url });
    watch(other);
    const elsewhere = await other.newPage();
    await signIn(elsewhere);
    const watcher = new WebhooksPage(new ProjectPage(elsewhere, webhooks.project.id));
    await watcher.open();

    receiver.answer = () => ({ status: 410 });
    await makeIssues(page, webhooks.project.id, ['Gone']);
    await expect(webhooks.health('CI trigger')).toContainText('Disabled');
    await expect(watcher.health('CI trigger'), 'in another tab').toContainText('Disabled');
    await webhooks.health('CI trigger').hover();
    await expect(page.getByRole('tooltip').filter({ visible: true })).toContainText('The endpoint responded with 410 Gone.');
    await makeIssues(page, webhooks.project.id, titles(12, 'Held'));
    const card = webhooks.card('CI trigger');
    await expect(card).toContainText('12 held deliveries');
    await expectAccessible(page);
    const before = receiver.received.length;
    expect(before).toBe(1);

    receiver.answer = () => ({ status: 200 });
    await webhooks.press('CI trigger', 'Re-enable');
    const dialog = page.getByRole('dialog', { name: 'Re-enable CI trigger?' });
    await expect(dialog).toContainText('12 held deliveries');
    await expectAccessible(page);
    await dialog.getByRole('radio', { name: wanted === 'sent' ? /^Send now/ : /^Cancel them/ }).check();
    await webhooks.confirm('Re-enable');
    await expect(webhooks.health('CI trigger')).toContainText('Healthy');
    await expect(watcher.health('CI trigger'), 'in another tab').toContainText('Healthy');
    await expect(card.getByRole('button', { name: /^Re-enable/ })).toHaveCount(0);
    if (wanted === 'sent') {
      const all = await receiver.waitFor(before + 12);
      const sent = all.slice(before).map((request) => (JSON.parse(request.body) as { data: { title: string } }).data.title);
      expect(sent).toEqual(titles(12, 'Held'));
    } else {
      await makeIssues(page, webhooks.project.id, ['New']);
      await receiver.waitFor(before + 1);
      expect(receiver.received).toHaveLength(before + 1);
      await webhooks.project.open('/settings/webhooks?tab=deliveries&status=cancelled');
      await expect(page.getByRole('row')).toHaveCount(13);
    }
    await other.close();
  });
}

test('a degraded webhook says how many deliveries failed and recovers by itself', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  receiver.answer = () => ({ status: 500 });
  await makeIssues(page, webhooks.project.id, titles(5));
  const card = webhooks.card('CI trigger');
  await expect(webhooks.health('CI trigger')).toContainText('Degraded');
  await expect(card).toContainText('5 of 10 consecutive failures');
  await expect(card).toContainText('Deliveries are sent one at a time until one succeeds.');
  await expectAccessible(page);
  receiver.answer = () => ({ status: 200 });
  // The retries may be minutes away by now, but a new delivery is sent at once.
  await makeIssues(page, webhooks.project.id, ['Next']);
  await expect(webhooks.health('CI trigger')).toContainText('Healthy', { timeout: 30_000 });
  await expect(card).not.toContainText('consecutive failure');
});

test('a successful test of a disabled webhook offers to re-enable it', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  receiver.answer = () => ({ status: 410 });
  await makeIssues(page, webhooks.project.id, ['Gone']);
  await expect(webhooks.health('CI trigger')).toContainText('Disabled');
  receiver.answer = () => ({ status: 200 });
  await webhooks.press('CI trigger', 'Send test');
  const card = webhooks.card('CI trigger');
  await expect(card).toContainText('The endpoint has accepted a request since then.');
  await expect(webhooks.health('CI trigger')).toContainText('Disabled');
  await expectAccessible(page);
  await card.getByRole('status', { name: 'Result of the test' }).getByRole('button', { name: /^Re-enable webhook/ }).click();
  await webhooks.confirm('Re-enable');
  await expect(webhooks.health('CI trigger')).toContainText('Healthy');
  await expect(card.getByRole('button', { name: /^Re-enable/ })).toHaveCount(0);
});

test('a webhook whose endpoint asks to wait is paused', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  receiver.answer = () => ({ status: 429 });
  await makeIssues(page, webhooks.project.id, ['Busy']);
  await expect(webhooks.card('CI trigger')).toContainText('the endpoint asked to wait');
  await expect(webhooks.health('CI trigger')).toContainText('Healthy');
  receiver.answer = () => ({ status: 200 });
  await expect(webhooks.card('CI trigger')).toContainText(/Last success (just now|\d+ seconds ago)/, { timeout: 30_000 });
  await expect(webhooks.card('CI trigger')).not.toContainText('the endpoint asked to wait', { timeout: 30_000 });
});
