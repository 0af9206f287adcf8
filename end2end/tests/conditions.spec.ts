// The conditions of a webhook, the template of its body, its order and its rate limit.
import { WebhooksPage } from '../pages/webhooks.js';
import type { Receiver } from '../support/receiver.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues } from '../support/work.js';
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

async function edit(page: Page, what: string): Promise<Locator> {
  await facts(page).getByRole('button', { name: `Edit ${what}`, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit webhook' });
  await expect(dialog).toBeVisible();
  return dialog;
}

test('conditions are built, tried and applied', async ({ page, receiver }) => {
  const webhooks = await start(page, receiver);
  await makeIssues(page, webhooks.project.id, ['Card payment fails', 'Login fails', 'Typo']);
  await expect.poll(() => receiver.received.length).toBe(3);
  const dialog = await edit(page, 'conditions');
  await dialog.getByText('Conditions', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Add condition' }).click();
  const first = dialog.getByRole('group', { name: 'Condition 1' });
  await expect(first.getByRole('combobox', { name: 'Field' })).toBeFocused();
  await first.getByRole('combobox', { name: 'Field' }).fill('data.title');
  await first.getByRole('combobox', { name: 'Comparison' }).selectOption('contains');
  await first.getByRole('textbox', { name: 'Value' }).fill('FAILS');
  await dialog.getByRole('button', { name: 'Try conditions' }).click();
  const results = dialog.getByRole('region', { name: 'Results' });
  await expect(results).toContainText('Would have matched 2 of the last 3 events.');
  await expect(results.getByRole('listitem').filter({ hasText: 'Typo' })).toContainText("Doesn't match");
  await expect(results).toContainText(/Samples: \d+ of \d+ match\./);
  await expect(page.locator('#condition-fields option[value="data.counts.failed"]')).toHaveCount(1);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add condition' }).click();
  const second = dialog.getByRole('group', { name: 'Condition 2' });
  await second.getByRole('combobox', { name: 'Field' }).fill('data.assignee');
  await second.getByRole('combobox', { name: 'Comparison' }).selectOption('is not set');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog).toBeHidden();
  await expect(facts(page)).toContainText('data.title contains FAILS');
  await expect(facts(page)).toContainText('data.assignee is not set');
  await expect(facts(page)).toContainText('Would have matched 2 of the last 3 events.');
  await makeIssues(page, webhooks.project.id, ['Another typo', 'Search fails']);
  await expect.poll(() => receiver.received.length).toBe(4);
  const latest = page.getByRole('region', { name: 'Latest deliveries' });
  await expect(latest).toContainText('Search fails');
  await expect(latest).not.toContainText('Another typo');
  await page.reload();
  await expect(facts(page)).toContainText('Would have matched 3 of the last 5 events.');
  const again = await edit(page, 'conditions');
  await again.getByRole('button', { name: 'Remove condition 2' }).click();
  await again.getByRole('button', { name: 'Remove condition 1' }).click();
  await again.getByRole('button', { name: 'Save changes' }).click();
  await expect(again).toBeHidden();
  await expect(facts(page)).not.toContainText('Would have matched');
});

test.describe('with errors', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('a field that no event has is refused', async ({ page, receiver }) => {
    await start(page, receiver);
    const dialog = await edit(page, 'conditions');
    await dialog.getByText('Conditions', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Add condition' }).click();
    await dialog.getByRole('combobox', { name: 'Field' }).fill('data.titel');
    await dialog.getByRole('textbox', { name: 'Value' }).fill('x');
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await expect(dialog.getByText(/^Condition 1: No event has the field data\.titel\./).first()).toBeVisible();
    await expectAccessible(page);
  });

  test('a template is previewed, and one with an error is not saved', async ({ page, receiver }) => {
    const webhooks = await start(page, receiver);
    const dialog = await edit(page, 'body');
    await dialog.getByText('Custom body', { exact: true }).click();
    const template = dialog.getByRole('textbox', { name: 'Template' });
    await template.fill('{"text":\n{{ data.titel }}}');
    const error = 'Line 2: the event has no such field';
    await expect(dialog.getByRole('status').filter({ hasText: error })).toBeVisible();
    await expect(template).toHaveAttribute('aria-invalid', 'true');
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await expect(dialog.getByRole('alert').filter({ hasText: error })).toBeVisible();
    await template.fill('{"text": {{ "New: " ~ data.title }}}');
    const preview = dialog.getByRole('region', { name: 'Preview' });
    await expect(preview).toHaveText('{"text": "New: Card payment fails on Safari"}');
    await dialog.getByRole('combobox', { name: 'Preview with' }).selectOption('webhook.test');
    await expect(preview).toContainText('"New: ');
    await expect(preview).not.toContainText('Safari');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await expect(dialog).toBeHidden();
    await expect(facts(page)).toContainText('Template, application/json');
    await makeIssues(page, webhooks.project.id, ['Login "fails"']);
    await expect.poll(() => receiver.received.length).toBe(1);
    expect(receiver.received[0]?.body).toBe('{"text": "New: Login \\"fails\\""}');
  });
});

test('the order and the rate limit are edited, and the queue is shown', async ({ page, receiver }) => {
  const webhooks = await start(page, receiver);
  await facts(page).getByRole('button', { name: 'Edit rate limit' }).click();
  await facts(page).getByRole('textbox', { name: 'Rate limit' }).fill('2 per minute');
  await facts(page).getByRole('button', { name: 'Save' }).click();
  await expect(facts(page)).toContainText('2 per minute, 0 queued');
  await facts(page).getByRole('button', { name: 'Edit order' }).click();
  await facts(page).getByRole('combobox', { name: 'Order' }).selectOption('In order for each subject');
  await facts(page).getByRole('button', { name: 'Save' }).click();
  await expect(facts(page)).toContainText('In order for each subject, 0 queued');
  await makeIssues(page, webhooks.project.id, ['One', 'Two', 'Three']);
  await expect(facts(page)).toContainText('2 per minute, 2 queued');
  expect(receiver.received.length).toBe(1);
  await expectAccessible(page);
  await webhooks.open();
  await expect(webhooks.card('CI trigger')).toContainText(
    'Queue 2 deliveries, at most 2 per minute, in order for each subject',
  );
  await expectAccessible(page);
  await webhooks.press('CI trigger', 'Edit webhook');
  const dialog = page.getByRole('dialog', { name: 'Edit webhook' });
  await dialog.getByText('Order and rate limit').click();
  await expect(dialog.getByRole('checkbox', { name: 'Send in order for each subject' })).toBeChecked();
  await dialog.getByRole('spinbutton', { name: 'Rate limit' }).fill('');
  await dialog.getByRole('checkbox', { name: 'Send in order for each subject' }).uncheck();
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog).toBeHidden();
  await expect(webhooks.card('CI trigger')).not.toContainText('Queue');
});
