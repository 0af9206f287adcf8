// The health of a webhook: what becomes of an endpoint that keeps failing, and of what is for it.
import { signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues, titles } from '../support/work.js';

for (const wanted of ['sent', 'discarded'] as const) {
  test(`a webhook is disabled by ten failures, and what it held is ${wanted}`, async ({ page, receiver, server, browser, watch }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.open();
    await webhooks.project.addOutbound('CI trigger', `${receiver.url}/hook`);
    const other = await browser.newContext({ baseURL: server.url });
    watch(other);
    const elsewhere = await other.newPage();
    await signIn(elsewhere);
    const watcher = new WebhooksPage(new ProjectPage(elsewhere, webhooks.project.id));
    await watcher.open();

    receiver.answer = () => ({ status: 500 });
    await makeIssues(page, webhooks.project.id, titles(5, 'Early'));
    await expect(webhooks.health('CI trigger')).toContainText('Degraded');
    await makeIssues(page, webhooks.project.id, titles(5, 'Late'));
    await expect(webhooks.health('CI trigger')).toContainText('Disabled');
    await expect(watcher.health('CI trigger'), 'in another tab').toContainText('Disabled');
    await webhooks.health('CI trigger').hover();
    await expect(page.getByRole('tooltip').filter({ visible: true })).toContainText(/1\d failures in a row/);
    await makeIssues(page, webhooks.project.id, titles(2, 'Held'));
    const card = webhooks.card('CI trigger');
    await expect(card).toContainText('12 deliveries wait');
    await expectAccessible(page);
    // A slow run meets a retry or two on the way, after four seconds each.
    const before = receiver.received.length;
    expect(before).toBeGreaterThanOrEqual(10);

    receiver.answer = () => ({ status: 200 });
    await webhooks.press('CI trigger', 'Re-enable');
    const dialog = page.getByRole('dialog', { name: 'Re-enable CI trigger?' });
    await expect(dialog).toContainText('12 deliveries wait');
    await expectAccessible(page);
    await dialog.getByRole('radio', { name: wanted === 'sent' ? /^Send them/ : /^Discard them/ }).check();
    await webhooks.confirm('Re-enable');
    await expect(webhooks.health('CI trigger')).toContainText('Healthy');
    await expect(watcher.health('CI trigger'), 'in another tab').toContainText('Healthy');
    await expect(card.getByRole('button', { name: /^Re-enable/ })).toHaveCount(0);
    if (wanted === 'sent') {
      const all = await receiver.waitFor(before + 12);
      const sent = all.slice(before).map((request) => (JSON.parse(request.body) as { data: { title: string } }).data.title);
      expect(sent).toEqual([...titles(5, 'Early'), ...titles(5, 'Late'), ...titles(2, 'Held')]);
    } else {
      await makeIssues(page, webhooks.project.id, ['New']);
      await receiver.waitFor(before + 1);
      expect(receiver.received).toHaveLength(before + 1);
      await webhooks.project.open('/settings/webhooks?tab=deliveries&status=discarded');
      await expect(page.getByRole('row')).toHaveCount(13);
    }
    await other.close();
  });
}
