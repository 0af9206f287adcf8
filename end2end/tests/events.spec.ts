// The picker of events: its search, its subjects, and that what is toggled is saved at once.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { expect, expectAccessible, test } from '../support/test.js';

/** The events that a webhook can subscribe to, without the custom ones. */
async function subscribable(page: Page): Promise<string[]> {
  const all = (await (await page.request.get('/api/v1/events')).json()) as Array<{ type: string }>;
  return all.map((event) => event.type).filter((type) => !['webhook.test', 'custom.*'].includes(type));
}

test('events are found by a search, selected by keyboard and cleared', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.open();
  await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Add outbound webhook' });
  await dialog.getByLabel('URL').fill(`${receiver.url}/hook`);
  await dialog.getByLabel('Name').fill('CI');
  const events = dialog.getByRole('group', { name: 'Events', exact: true });
  const all = await subscribable(page);
  const runs = all.filter((event) => event.startsWith('test_run.')).length;
  await expect(events).toContainText(`0 of ${all.length} selected`);
  await expect(events.getByRole('checkbox', { name: 'case.created' }), 'a closed subject').toBeHidden();

  const search = events.getByRole('searchbox', { name: 'Search events' });
  await search.fill('test run completed');
  await expect(events.getByRole('checkbox')).toHaveCount(2);
  await expect(events.getByRole('group', { name: 'Cases' })).toBeHidden();
  await expectAccessible(page);
  // Enter sends nothing. From the search, the keyboard leads to the subject and to its events.
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert').filter({ hasText: 'Select' })).toHaveCount(0);
  await search.press('Tab');
  await expect(events.getByRole('checkbox', { name: 'All test run events' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(events.getByRole('checkbox', { name: 'test_run.completed' })).toBeFocused();
  await page.keyboard.press('Space');
  await expect(events).toContainText(`1 of ${all.length} selected`);

  await search.fill('spaceship');
  await expect(events.getByText('No events match this search')).toBeVisible();
  await expect(events.getByRole('checkbox')).toHaveCount(0);
  await expectAccessible(page);
  await search.fill('');
  await expect(events.getByRole('checkbox', { name: 'test_run.completed' }), 'what was selected stays in view').toBeVisible();
  await expect(events.getByRole('group', { name: 'Test runs' })).toContainText(`1 of ${runs}`);
  await events.getByRole('checkbox', { name: 'All events', exact: true }).check();
  await expect(events).toContainText(`${all.length} of ${all.length} selected`);
  await expect(events.getByRole('group', { name: 'Cases' })).toContainText('All, including new ones');
  await events.getByRole('button', { name: 'Clear selected events' }).click();
  await expect(events).toContainText(`0 of ${all.length} selected`);
  await expect(events).toContainText('Select at least one event.');
  await expect(events.getByRole('button', { name: 'Clear selected events' })).toBeDisabled();

  // What a search hides is sent all the same.
  await search.fill('case');
  await events.getByRole('checkbox', { name: 'case.created' }).check();
  await search.fill('session');
  await events.getByRole('checkbox', { name: 'session.completed' }).check();
  await dialog.getByRole('button', { name: 'Add webhook' }).click();
  await webhooks.copied();
  const answer = await page.request.get(`/api/v1/projects/${webhooks.project.id}/webhooks`);
  const { items } = (await answer.json()) as { items: Array<{ events: string[] }> };
  expect(items[0]!.events).toEqual(['case.created', 'session.completed']);
});

test('a sample of a subscribed event is sent as a test', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  await webhooks.press('CI trigger', 'Send sample event');
  const dialog = page.getByRole('dialog', { name: 'Send sample event' });
  await dialog.getByLabel('Event').selectOption('Issue updated');
  await dialog.getByRole('button', { name: 'Send sample' }).click();
  await expect(dialog).toBeHidden();
  await expect(webhooks.card('CI trigger').getByRole('status', { name: 'Result of the test' })).toContainText('Test delivered: 200 OK');
  const [sent] = await receiver.waitFor(1);
  expect(JSON.parse(sent!.body)).toMatchObject({ type: 'issue.updated', data: { test: true } });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the picker waits for its script, and the form says so', async ({ page }) => {
    await signIn(page);
    const answer = await page.request.post('/api/v1/projects', { data: { name: 'Plain', key: 'PLAIN' } });
    const { id } = (await answer.json()) as { id: string };
    await page.goto(`/projects/${id}/settings/webhooks?add=outbound`);
    const dialog = page.getByRole('dialog', { name: 'Add outbound webhook' });
    await expect(dialog.getByRole('checkbox', { name: 'All events', exact: true })).toBeDisabled();
    await expect(dialog.getByRole('searchbox', { name: 'Search events' })).toBeDisabled();
    await expect(dialog.locator('noscript'), 'says what needs a script').toBeVisible();
  });
});

test('a subject is selected as a whole and each event has a sample', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  await webhooks.showEvents('CI trigger');
  const all = page.getByRole('checkbox', { name: 'All issue events' });
  await expect(all).toBeChecked();
  await page.getByRole('checkbox', { name: 'issue.deleted' }).uncheck();
  await expect(all).toHaveJSProperty('indeterminate', true);
  await expect(all).not.toBeChecked();
  await page.getByRole('checkbox', { name: 'All test run events' }).check();
  await webhooks.openSubject('Cases');
  await page.getByRole('checkbox', { name: 'case.created' }).check();
  await webhooks.openSubject('Sessions');
  // Toggled in quick succession: no toggle is lost.
  const saved = webhooks.saved();
  for (const name of ['session.created', 'session.updated', 'session.completed']) {
    await page.getByRole('checkbox', { name }).click();
  }
  await saved;
  const stored = async () => {
    const answer = await page.request.get(`/api/v1/projects/${webhooks.project.id}/webhooks`);
    const { items } = (await answer.json()) as { items: Array<{ id: string; events: string[] }> };
    return items[0]!;
  };
  await expect.poll(async () => (await stored()).events.length).toBe(3 + 1 + 1 + 3);
  // Another user toggles a box while a request is in flight: both changes are kept.
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/ui/webhooks/update', (route) => held.then(() => route.continue()));
  await page.getByRole('checkbox', { name: 'case.updated' }).check();
  const { id } = await stored();
  const other = await page.request.patch(`/api/v1/webhooks/${id}`, { data: { addEvents: ['case.deleted'] } });
  expect(other.status()).toBe(200);
  await expect(page.getByRole('checkbox', { name: 'case.deleted' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'case.updated' })).toBeChecked();
  letGo();
  await expect.poll(async () => (await stored()).events).toEqual(expect.arrayContaining(['case.deleted', 'case.updated']));
  await page.reload();
  await hydrated(page);
  await webhooks.showEvents('CI trigger');
  await expect(page.getByRole('checkbox', { name: 'session.updated' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'test_run.result_added' })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'issue.deleted' })).not.toBeChecked();

  await page.getByRole('button', { name: 'About test_run.completed' }).click();
  const dialog = page.getByRole('dialog', { name: 'test_run.completed' });
  await expect(dialog).toContainText('A test run was completed');
  await expect(dialog.getByLabel('Sample payload')).toContainText('"type": "test_run.completed"');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.keyboard.press('Escape');

  // The audit log shows the changes, and updates while it is open.
  await page.getByRole('navigation', { name: 'Project settings' }).getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('row', { name: 'Webhook changed · CI trigger Events' }).first()).toBeVisible();
  await page.request.patch(`/api/v1/webhooks/${id}`, { data: { name: 'Nightly' } });
  await expect(page.getByRole('row', { name: 'Webhook changed · Nightly Name' })).toBeVisible();
});

test.describe('subscriptions', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('a webhook needs an event, and a subject includes events added later', async ({ page, receiver }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.open();
    await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add outbound webhook' });
    await dialog.getByLabel('Name').fill('CI');
    await dialog.getByLabel('URL').fill(`${receiver.url}/hook`);
    await dialog.getByRole('button', { name: 'Add webhook' }).click();
    await expect(dialog.getByRole('alert').filter({ hasText: 'Select at least one event.' })).toBeVisible();
    await dialog.getByRole('checkbox', { name: 'All test run events' }).check();
    await expect(dialog.getByRole('checkbox', { name: 'test_run.created' })).toBeChecked();
    await expect(dialog.getByRole('checkbox', { name: 'All events', exact: true })).not.toBeChecked();
    await dialog.getByRole('button', { name: 'Add webhook' }).click();
    await webhooks.copied();
    const card = await webhooks.showEvents('CI');
    await expect(card.getByRole('checkbox', { name: 'All test run events' })).toBeChecked();
    const stored = async () => {
      const answer = await page.request.get(`/api/v1/projects/${webhooks.project.id}/webhooks`);
      const { items } = (await answer.json()) as { items: Array<{ events: string[] }> };
      return items[0]!.events;
    };
    expect(await stored()).toEqual(['test_run.*']);
    await card.getByRole('checkbox', { name: 'test_run.created' }).uncheck();
    const others = (await subscribable(page)).filter((event) => event.startsWith('test_run.') && event !== 'test_run.created');
    await expect.poll(stored).toEqual(others);
    await expect(card.getByRole('checkbox', { name: 'All test run events' })).not.toBeChecked();
    await card.getByRole('checkbox', { name: 'All test run events' }).check();
    await card.getByRole('checkbox', { name: 'All test run events' }).uncheck();
    await expect.poll(stored).toEqual([]);
    await expect(card).toContainText('No events selected. Nothing is sent.');
  });
});
