// Managing outbound webhooks.
import { WebhooksPage } from '../pages/webhooks.js';
import { Receiver } from '../support/receiver.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues } from '../support/work.js';

test('the test of an outbound webhook is the same each time and shows its result', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.open();
  const secret = await webhooks.project.addOutbound('CI trigger', `${receiver.url}/hook`);
  const card = webhooks.card('CI');
  await expect(card).toContainText('Last dispatched Never');
  await expect(card).toContainText('No deliveries');
  await webhooks.press('CI trigger', 'Send test');
  await expect(card.getByRole('status', { name: 'Result of the test' })).toContainText(/Test delivered: 200 OK in \d/);
  await webhooks.press('CI trigger', 'Send test');
  const [first, second] = await receiver.waitFor(2);
  expect(second!.body).toBe(first!.body);
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  Receiver.verify(second!, secret);
  await expect(card).toContainText(/Last success (just now|\d+ seconds ago)/);

  await expect(card.getByRole('img', { name: 'Last 2 deliveries: 2 delivered' })).toBeVisible();
  await expect(card).toContainText('2 of 2 delivered');

  await webhooks.press('CI trigger', 'Edit webhook');
  const form = page.getByRole('dialog', { name: 'Edit webhook' });
  await form.getByLabel('Name').fill('CI');
  await form.getByLabel('URL').fill(`${receiver.url}/moved`);
  await webhooks.confirm('Save changes');
  await expect(card).toContainText('/moved');
  await webhooks.press('CI', 'Send test');
  const moved = (await receiver.waitFor(3)).at(-1)!;
  expect(moved.path).toBe('/moved');
  Receiver.verify(moved, secret);

  receiver.answer = () => ({ status: 503, body: 'upstream is restarting' });
  await webhooks.press('CI', 'Send test');
  await expect(card.getByRole('status', { name: 'Result of the test' })).toContainText(/Test failed.*503/);
  await expect(card).not.toContainText('consecutive failure');
  await expectAccessible(page);
  await card.getByRole('link', { name: 'View delivery' }).click();
  await expect(page.getByRole('dialog', { name: 'Delivery' })).toContainText('upstream is restarting');
});

test('a new secret and the old one sign until the old one is retired', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  const before = await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  await webhooks.press('CI trigger', 'Rotate secret');
  await expect(page.getByRole('radio', { name: '24 hours' })).toBeChecked();
  await expect(page.getByRole('radio', { name: '30 days' })).toBeVisible();
  await webhooks.confirm('Rotate secret');
  const [after] = await webhooks.copied();
  await webhooks.expectGone(before, after!);

  const retiring = webhooks.card('CI trigger').getByRole('group', { name: 'Old secret of CI trigger' });
  await expect(retiring).toContainText(/signs until .+ UTC \(in a day\)/);
  const deadline = (await retiring.textContent()) ?? '';
  await expectAccessible(page);
  await webhooks.openMenu('CI trigger');
  const rotate = webhooks.card('CI trigger').getByRole('button', { name: /^Rotate/ });
  await expect(rotate).toBeDisabled();
  await expect(rotate).toHaveAccessibleDescription(/Retire it now, or wait/);
  await rotate.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').filter({ visible: true })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await makeIssues(page, webhooks.project.id, ['Within the window']);
  const [within] = await receiver.waitFor(1);
  Receiver.verify(within!, before);
  Receiver.verify(within!, after!);

  await retiring.getByRole('button', { name: 'Extend once' }).click();
  await expect(retiring).not.toContainText(deadline.slice(0, deadline.indexOf('UTC')));
  await expect(retiring.getByRole('button', { name: 'Extend once' })).toBeDisabled();
  await expect(retiring.getByRole('button', { name: 'Extend once' })).toHaveAccessibleDescription(/Already extended/);

  await retiring.getByRole('button', { name: 'Retire now' }).click();
  await webhooks.confirm('Retire now');
  await expect(retiring).toBeHidden();
  await webhooks.openMenu('CI trigger');
  await expect(rotate).toBeEnabled();
  await page.keyboard.press('Escape');
  await makeIssues(page, webhooks.project.id, ['After it']);
  const [, alone] = await receiver.waitFor(2);
  Receiver.verify(alone!, after!);
  expect(() => Receiver.verify(alone!, before)).toThrow();
});

test.describe('with a Slack that answers', () => {
  test.use({
    serverOptions: { env: { TESTBELL_HOST_OVERRIDES: 'hooks.slack.com=127.0.0.1' } },
    // The page reads the changed webhook, and finds that it was deleted.
    expectedErrors: [/status of 404/],
  });

  test('a Slack webhook is detected, has no secret, and is re-created for another URL', async ({ page, receiver, server }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.open();
    const { port } = new URL(receiver.url);
    const add = async (token: string) => {
      await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
      const dialog = page.getByRole('dialog', { name: 'Add outbound webhook' });
      await dialog.getByLabel('Name').fill('qa-alerts');
      await expect(dialog).toContainText('Select at least one event.');
      await dialog.getByLabel('URL').fill(`http://hooks.slack.com:${port}/services/T0/B0/${token}`);
      await expect(dialog).toContainText('Slack URL detected.');
      await dialog.getByRole('checkbox', { name: 'All issue events' }).check();
      await dialog.getByRole('button', { name: 'Add webhook' }).click();
      await expect(dialog).toBeHidden();
      await expect(webhooks.card('qa-alerts')).toBeVisible();
      await expect(webhooks.reveal).toBeHidden();
      await webhooks.expectGone(token);
    };
    await add('slackTokenOne');
    const card = webhooks.card('qa-alerts');
    await expect(card).toContainText('Slack');
    await webhooks.openMenu('qa-alerts');
    await expect(card.getByRole('button', { name: /^Rotate/ })).toHaveCount(0);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    receiver.answer = () => ({ status: 200, body: 'ok' });
    await makeIssues(page, webhooks.project.id, ['Total is <wrong>']);
    const [message] = await receiver.waitFor(1);
    expect(message!.headers['webhook-signature']).toBeUndefined();
    expect(message!.body).toContain('Total is &lt;wrong&gt;');
    await webhooks.project.open('/settings/webhooks?tab=deliveries');
    await page.getByRole('row').filter({ hasText: 'issue.created' }).getByRole('link').first().click();
    const drawer = page.getByRole('dialog', { name: 'Delivery' });
    await expect(drawer).toContainText('Total is &lt;wrong&gt;');
    await expect(drawer).not.toContainText('slackTokenOne');

    await webhooks.open();
    await webhooks.press('qa-alerts', 'Delete webhook');
    await webhooks.confirm('Delete webhook');
    await expect(card).toHaveCount(0);
    await expect(page.getByRole('heading', { name: 'Outbound' })).toBeFocused();
    await add('slackTokenTwo');
    await webhooks.press('qa-alerts', 'Send test');
    await expect(card.getByRole('status', { name: 'Result of the test' })).toContainText('Test delivered: 200 OK');
    expect((await receiver.waitFor(2)).at(-1)!.path).toContain('slackTokenTwo');
    expect(server.log).not.toMatch(/slackToken/);
  });
});

test.describe('with a refused URL', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('the policy of a webhook is edited with the schedule in clock time', async ({ page, receiver }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.open();
    await webhooks.addOutbound('CI', receiver.url, 'All issue events');
    await webhooks.copied();
    await webhooks.press('CI', 'Edit webhook');
    const edit = page.getByRole('dialog', { name: 'Edit webhook' });
    await edit.getByText('Retries and health').click();
    const clock = /An event that happens now would be sent at (\d\d:\d\d:\d\d( \(\+\d d\))?(, )?)+\./;
    await expect(edit.getByText(clock)).toBeVisible();
    await edit.getByLabel('Retries', { exact: true }).selectOption({ label: '1 s, 10 s, 100 s' });
    expect((await edit.getByText(clock).textContent())!.split(',')).toHaveLength(4);
    await edit.getByLabel('Retries', { exact: true }).selectOption({ label: 'Custom' });
    await edit.getByLabel('Delays').fill('10 s, soon');
    await edit.getByLabel('Timeout (s)').fill('31');
    await edit.getByRole('button', { name: 'Save changes' }).click();
    await expect(edit).toContainText('Enter delays such as 10 s, 5 min, 2 h, not "soon".');
    await edit.getByLabel('Delays').fill('10 s, 2 h');
    await edit.getByRole('button', { name: 'Save changes' }).click();
    await expect(edit).toContainText('Use 1 to 30 seconds.');
    await expectAccessible(page);
    await edit.getByLabel('Timeout (s)').fill('30');
    await edit.getByLabel('Also retry 4xx responses').check();
    await edit.getByRole('button', { name: 'Save changes' }).click();
    await expect(edit).toBeHidden();
    await webhooks.press('CI', 'Edit webhook');
    await edit.getByText('Retries and health').click();
    await expect(edit.getByLabel('Delays')).toHaveValue('10 s, 2 h');
    await expect(edit.getByLabel('Timeout (s)')).toHaveValue('30');
    await expect(edit.getByLabel('Also retry 4xx responses')).toBeChecked();
  });

  test('a type is detected or selected, and the destination can be changed', async ({ page, receiver }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.open();
    await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
    const add = page.getByRole('dialog', { name: 'Add outbound webhook' });
    await add.getByLabel('URL').fill('https://discord.com/api/webhooks/1/x');
    await expect(add).toContainText('Discord URL detected. No signing secret is needed.');
    await expect(add.getByRole('radio', { name: 'Discord' })).toBeChecked();
    await add.getByText('How to get a Discord URL').click();
    await expect(add.getByText('Select Webhooks, then New Webhook.')).toBeVisible();
    await expectAccessible(page);

    // A type selected by hand stays while the URL changes.
    await add.getByRole('radio', { name: 'Slack' }).check();
    await add.getByLabel('Name').fill('Chat');
    await add.getByRole('checkbox', { name: 'All issue events' }).check();
    await add.getByRole('button', { name: 'Add webhook' }).click();
    await expect(add).toContainText('This URL belongs to Discord. Select Discord as the type, or enter another URL.');
    await add.getByLabel('URL').fill(`${receiver.url}/hooks/secretOfChat`);
    await expect(add.getByRole('radio', { name: 'Slack' })).toBeChecked();
    await add.getByRole('button', { name: 'Add webhook' }).click();
    const card = webhooks.card('Chat');
    await expect(card).toContainText('Slack');
    await webhooks.expectGone('secretOfChat');

    await webhooks.press('Chat', 'Change destination');
    const change = page.getByRole('dialog', { name: 'Change destination' });
    await expect(change).toContainText('Pending deliveries go to the new URL.');
    await change.getByLabel('URL').fill(`${receiver.url}/generic-webhook-trigger/invoke?token=t0k3n`);
    await expect(change.getByRole('radio', { name: 'Jenkins' })).toBeChecked();
    await change.getByRole('radio', { name: 'Generic' }).check();
    await expectAccessible(page);
    await change.getByRole('button', { name: 'Change destination' }).click();
    await expect(change).toBeHidden();
    const [secret] = await webhooks.copied();
    expect(secret).toMatch(/^whsec_/);
    await expect(card).toContainText('Generic');
    await webhooks.press('Chat', 'Send test');
    await expect(card.getByRole('status', { name: 'Result of the test' })).toContainText('Test delivered: 200 OK');
    expect((await receiver.waitFor(1))[0]!.headers['webhook-signature']).toBeDefined();
  });
});
