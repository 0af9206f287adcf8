// What admins learn when a webhook fails: the bell, the page of notifications, and an email.
import { SMTPServer } from 'smtp-server';
import { hydrated } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues } from '../support/work.js';

/** A mail server on loopback that keeps what it gets. */
async function startMailServer(): Promise<{ port: number; messages: string[]; stop: () => Promise<void> }> {
  const messages: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'mailer' && password === 'hunter22') done(null, { user: username });
      else done(new Error('Wrong password'));
    },
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        messages.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, messages, stop: () => new Promise((closed) => server.close(() => closed())) };
}

test('admins get an email and a notification when a webhook is disabled', async ({ page, receiver }) => {
  const mail = await startMailServer();
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);

  await page.getByRole('link', { name: 'Email' }).click();
  await page.getByLabel('Host').fill('127.0.0.1');
  await page.getByLabel('Port').fill(String(mail.port));
  await page.getByLabel('Encryption').selectOption('None');
  await page.getByLabel('From').fill('testbell@example.com');
  await page.getByLabel('Username').fill('mailer');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Send test email' }).click();
  await expect(page.getByText(/^The mail server can't be used: .*Wrong password/)).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Password').fill('hunter22');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Send test email' }).click();
  await expect(page.getByText(/^The mail server accepted a test email to /)).toBeVisible();
  expect(mail.messages).toHaveLength(1);

  receiver.answer = () => ({ status: 410 });
  await webhooks.open();
  await makeIssues(page, webhooks.project.id, ['Gone']);
  const bell = page.getByRole('link', { name: /^Notifications/ });
  await expect(bell, 'without a reload').toHaveAccessibleName(/2 unread/);
  await expect.poll(() => mail.messages.length).toBe(2);
  expect(mail.messages[1]).toContain('was disabled');

  await bell.click();
  await expect(page.getByRole('cell', { name: /Webhook disabled/ })).toContainText('The endpoint responded with 410 Gone.');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(bell).toHaveAccessibleName('Notifications');
  await page.getByRole('link', { name: 'CI trigger' }).first().click();
  await expect(page.getByRole('heading', { name: 'CI trigger' })).toBeVisible();
  await mail.stop();
});

test('the result of a test email stays when other settings are shown', async ({ page }) => {
  const mail = await startMailServer();
  await WebhooksPage.start(page);
  await page.goto('/admin/email');
  await hydrated(page);
  await new LivePage(page).expectLive();
  await page.getByLabel('Host').fill('127.0.0.1');
  await page.getByLabel('Port').fill(String(mail.port));
  await page.getByLabel('Encryption').selectOption('None');
  await page.getByLabel('From').fill('testbell@example.com');
  await page.getByRole('button', { name: 'Save' }).click();
  const testButton = page.getByRole('button', { name: 'Send test email' });
  await expect(testButton).toBeVisible();

  // Another tab changes the settings while the test is running.
  let send = () => {};
  const held = new Promise<void>((resolve) => (send = resolve));
  await page.route('**/ui/email-settings/test', (route) => held.then(() => route.continue()));
  await testButton.click();
  const settings = { host: '127.0.0.1', port: mail.port, encryption: 'none', from: 'reports@example.com' };
  const changed = await page.request.put('/api/v1/email-settings', { data: settings });
  expect(changed.ok(), await changed.text()).toBe(true);
  await expect(page.getByLabel('From'), 'without a reload').toHaveValue('reports@example.com');
  send();
  await expect(page.getByText(/^The mail server accepted a test email to /)).toBeVisible();
  await mail.stop();
});

test('a webhook can be set to recover by itself', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  await webhooks.press('CI trigger', 'Edit webhook');
  const dialog = page.getByRole('dialog', { name: 'Edit webhook' });
  await dialog.getByText('Retries and health').click();
  await dialog.getByLabel(/^When disabled, try the oldest held delivery/).check();
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog).toBeHidden();
  const list = await page.request.get(`/api/v1/projects/${webhooks.project.id}/webhooks`);
  const { items } = (await list.json()) as { items: Array<{ name: string; policy: { autoRecovery: boolean } | null }> };
  expect(items.find((one) => one.name === 'CI trigger')?.policy?.autoRecovery).toBe(true);
});
