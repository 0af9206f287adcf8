// How endpoints recognize Testbell, custom headers, and insecure connections.
import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { DeliveriesPage } from '../pages/deliveries.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { expect, expectAccessible, test } from '../support/test.js';

const SHORT = 'This secret is short and can be guessed.';
const SECRET = 'a secret of more than twenty-four bytes';

// A refused form.
test.use({ expectedErrors: [/status of 422/] });

async function sendTest(webhooks: WebhooksPage, name: string): Promise<void> {
  await webhooks.press(name, 'Send test');
  await expect(webhooks.card(name).getByRole('status', { name: 'Result of the test' })).toContainText('Test delivered');
}

test('a webhook is added with an own secret and custom headers', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.open();
  await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
  const add = page.getByRole('dialog', { name: 'Add outbound webhook' });
  await add.getByLabel('URL').fill(`${receiver.url}/hook`);
  await add.getByLabel('Name', { exact: true }).fill('Feed');
  await add.getByLabel('Signing').selectOption('HMAC-SHA256 in a custom header');
  await add.getByLabel('Header', { exact: true }).fill('Host');
  await add.getByText('Begin the value with').click();
  await add.getByLabel('Secret', { exact: true }).selectOption('Enter my own');
  await add.getByLabel('Your secret').fill('short');
  await expect(add.getByText(SHORT)).toBeVisible();
  await add.getByLabel('Your secret').fill(SECRET);
  await expect(add.getByText(SHORT)).toBeHidden();
  await add.getByText('More options').click();
  await add.getByText('Custom headers', { exact: true }).click();
  await add.getByRole('button', { name: 'Add header' }).click();
  const header = add.getByRole('group', { name: 'Header 1' });
  await expect(header.getByLabel('Name')).toBeFocused();
  await header.getByLabel('Name').fill('Authorization');
  await header.getByLabel('Value').fill('Bearer hiddenValue');
  await add.getByRole('checkbox', { name: 'All issue events' }).check();
  await expectAccessible(page);
  await add.getByRole('button', { name: 'Add webhook' }).click();
  await expect(add.getByText('Host is reserved. Use another header.')).toBeVisible();
  await add.getByLabel('Header', { exact: true }).fill('X-Signature-256');
  await add.getByRole('button', { name: 'Add webhook' }).click();
  await expect(add).toBeHidden();
  await expect(webhooks.reveal).toBeHidden();

  const card = webhooks.card('Feed');
  await expect(card).toContainText('HMAC-SHA256 in a custom header: X-Signature-256');
  await expect(card).toContainText('Authorization');
  await sendTest(webhooks, 'Feed');
  const [first] = await receiver.waitFor(1);
  const expected = createHmac('sha256', SECRET).update(first!.body).digest('hex');
  expect(first!.headers['x-signature-256']).toBe(`sha256=${expected}`);
  expect(first!.headers['authorization']).toBe('Bearer hiddenValue');

  // A value that is not entered again stays.
  await webhooks.press('Feed', 'Edit webhook');
  const edit = page.getByRole('dialog', { name: 'Edit webhook' });
  await edit.getByText('Custom headers', { exact: true }).click();
  await expect(edit.getByRole('group', { name: 'Header 1' }).getByLabel('Value')).toHaveValue('');
  await edit.getByRole('button', { name: 'Add header' }).click();
  await edit.getByRole('group', { name: 'Header 2' }).getByLabel('Name').fill('X-Env');
  await edit.getByRole('group', { name: 'Header 2' }).getByLabel('Value').fill('qa');
  await edit.getByRole('button', { name: 'Save changes' }).click();
  await expect(edit).toBeHidden();
  await sendTest(webhooks, 'Feed');
  const [, second] = await receiver.waitFor(2);
  expect([second!.headers['authorization'], second!.headers['x-env']]).toEqual(['Bearer hiddenValue', 'qa']);
  await webhooks.press('Feed', 'Edit webhook');
  await edit.getByText('Custom headers', { exact: true }).click();
  await edit.getByRole('button', { name: 'Remove header 1' }).click();
  await edit.getByRole('button', { name: 'Save changes' }).click();
  await expect(edit).toBeHidden();
  await expect(card).not.toContainText('Authorization');
  await webhooks.expectGone('hiddenValue', SECRET);

  // The drawer hides the values, too.
  const deliveries = new DeliveriesPage(webhooks.project);
  await deliveries.open();
  await deliveries.show('Test event');
  await expect(deliveries.drawer).toContainText('authorization: ••••');
  expect(await page.content()).not.toContain('hiddenValue');
});

test('the signing of a webhook is changed', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.open();
  await webhooks.addOutbound('Feed', `${receiver.url}/hook`, 'All issue events');
  await webhooks.copied();
  const card = webhooks.card('Feed');
  await webhooks.press('Feed', 'Change signing');
  const change = page.getByRole('dialog', { name: 'Change signing' });
  await expect(change.getByLabel('Secret', { exact: true })).toBeHidden();
  await change.getByLabel('Signing').selectOption('Standard Webhooks, ed25519');
  await expect(change.getByText('A key pair is generated.')).toBeVisible();
  await expectAccessible(page);
  await change.getByRole('button', { name: 'Change signing' }).click();
  await expect(change).toBeHidden();
  const key = card.locator('code').filter({ hasText: 'whpk_' });
  await expect(key).toBeVisible();
  await page.reload();
  await expect(card.getByRole('button', { name: 'Copy public key' })).toBeVisible();
  const publicKey = (await key.textContent())!;
  await sendTest(webhooks, 'Feed');
  const [first] = await receiver.waitFor(1);
  const { body } = first!;
  const headers = first!.headers as Record<string, string>;
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(publicKey.slice(5), 'base64')]);
  const verifier = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
  const signature = Buffer.from(headers['webhook-signature']!.replace('v1a,', ''), 'base64');
  expect(verify(null, signed, verifier, signature)).toBe(true);

  // Both key pairs sign after a rotation, and both public keys are shown.
  await webhooks.press('Feed', 'Rotate secret');
  const rotate = page.getByRole('dialog', { name: /^Rotate the secret of Feed/ });
  await expect(rotate).toContainText('Both secrets sign');
  await webhooks.confirm('Rotate secret');
  await expect(key).toHaveCount(2);
  await expect(card).toContainText('Old public key');
  await card.getByRole('link', { name: 'Feed' }).click();
  await expect(page.getByRole('region', { name: 'Configuration' })).toContainText(publicKey);
  await webhooks.open();

  // A scheme with one signature says so.
  await webhooks.press('Feed', 'Change signing');
  await change.getByLabel('Signing').selectOption('Secret in a custom header');
  await change.getByLabel('Header', { exact: true }).fill('X-Secret');
  await change.getByRole('button', { name: 'Change signing' }).click();
  await expect(change).toBeHidden();
  const [secret] = await webhooks.copied();
  await expect(key).toHaveCount(0);
  await sendTest(webhooks, 'Feed');
  expect((await receiver.waitFor(2))[1]!.headers['x-secret']).toBe(secret);
  await webhooks.press('Feed', 'Rotate secret');
  await expect(rotate).toContainText("a request can't carry both");
  await expect(rotate.getByText('The old secret signs for')).toBeHidden();
  await rotate.getByText('Enter my own').click();
  await rotate.getByRole('button', { name: 'Rotate secret' }).click();
  await expect(rotate.getByText('Enter a secret.')).toBeVisible();
  await rotate.getByLabel('Your secret').fill('short');
  await expect(rotate.getByText(SHORT)).toBeVisible();
  await expectAccessible(page);
  await webhooks.confirm('Rotate secret');
  await expect(webhooks.reveal).toBeHidden();
  await sendTest(webhooks, 'Feed');
  expect((await receiver.waitFor(3))[2]!.headers['x-secret']).toBe('short');
});

test('insecure connections are allowed with a warning', async ({ page, receiver }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.open();
  await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
  const add = page.getByRole('dialog', { name: 'Add outbound webhook' });
  const allow = add.getByRole('checkbox', { name: 'Allow insecure connections' });
  await add.getByLabel('URL').fill('https://hooks.example.com/');
  await allow.check();
  await expect(add.getByText("The endpoint's certificate isn't verified.")).toBeVisible();
  await add.getByLabel('URL').fill('https://discord.com/api/webhooks/1/x');
  await expect(allow).toBeHidden();
  await expect(add.getByLabel('Signing')).toBeHidden();
  await add.getByLabel('URL').fill(`${receiver.url}/hook`);
  await expect(add.getByText("This URL isn't encrypted.")).toBeVisible();
  await allow.check();
  await add.getByLabel('Name', { exact: true }).fill('Inner');
  await add.getByRole('checkbox', { name: 'All issue events' }).check();
  await expectAccessible(page);
  await add.getByRole('button', { name: 'Add webhook' }).click();
  await webhooks.copied();
  const card = webhooks.card('Inner');
  await expect(card.getByText('Insecure', { exact: true })).toBeVisible();

  await webhooks.press('Inner', 'Edit webhook');
  const edit = page.getByRole('dialog', { name: 'Edit webhook' });
  await expect(edit.getByText("This URL isn't encrypted.")).toBeVisible();
  await edit.getByLabel('URL').fill('https://127.0.0.1:9/hook');
  await edit.getByRole('checkbox', { name: 'Allow insecure connections' }).uncheck();
  await expect(edit.getByText('Others on the network')).toBeHidden();
  await edit.getByRole('button', { name: 'Save changes' }).click();
  await expect(edit).toBeHidden();
  await expect(card.getByText('Insecure', { exact: true })).toBeHidden();
});

test('a webhook is added with an own private key', async ({ page, receiver }) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url').toString('base64');
  const shown = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('base64');
  const webhooks = await WebhooksPage.start(page);
  await webhooks.open();
  await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
  const add = page.getByRole('dialog', { name: 'Add outbound webhook' });
  await add.getByLabel('URL').fill(`${receiver.url}/hook`);
  await add.getByLabel('Name', { exact: true }).fill('Feed');
  await add.getByLabel('Signing').selectOption('Standard Webhooks, ed25519');
  await add.getByLabel('Secret', { exact: true }).selectOption('Enter my own');
  await add.getByLabel('Private key').fill('whsk_tooShort');
  await add.getByRole('checkbox', { name: 'All issue events' }).check();
  await expectAccessible(page);
  await add.getByRole('button', { name: 'Add webhook' }).click();
  await expect(add.getByLabel('Private key')).toHaveAttribute('aria-invalid', 'true');
  await add.getByLabel('Private key').fill(`whsk_${seed}`);
  await add.getByRole('button', { name: 'Add webhook' }).click();
  await expect(add).toBeHidden();
  const card = webhooks.card('Feed');
  await expect(card).toContainText(`whpk_${shown}`);
  await sendTest(webhooks, 'Feed');
  const [request] = await receiver.waitFor(1);
  const header = (name: string) => String(request!.headers[name]);
  const signed = Buffer.from(`${header('webhook-id')}.${header('webhook-timestamp')}.${request!.body}`);
  const signature = Buffer.from(header('webhook-signature').replace(/^v1a,/, ''), 'base64');
  expect(verify(null, signed, publicKey, signature)).toBe(true);
  await webhooks.expectGone(seed);
});
