// Managing the inbound webhook of a project.
import { type Provider, WebhooksPage } from '../pages/webhooks.js';
import { issuePayload, sendFromGithub } from '../support/github.js';
import { expect, expectAccessible, test } from '../support/test.js';
import {
  azureWorkItem,
  giteaIssue,
  gitlabIssue,
  jiraIssue,
  linearIssue,
  sendFromAzure,
  sendFromGitea,
  sendFromGitlab,
  sendFromJira,
  sendFromLinear,
} from '../support/trackers.js';

test('the inbound section says what a webhook requires', async ({ page }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.open();
  await expect(webhooks.addInbound).toBeDisabled();
  await expect(webhooks.addInbound).toHaveAccessibleDescription('Connect an issue integration first.');
  await expect(page.getByText('Connect an issue integration to receive events.')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Connect an issue integration' }).click();
  await expect(page.getByRole('heading', { name: 'Issue integration', exact: true })).toBeVisible();

  await webhooks.connected('Simple URL');
  await webhooks.open();
  await expect(webhooks.addInbound).toBeDisabled();
  await expect(webhooks.addInbound).toHaveAccessibleDescription(/Simple URL doesn't support webhooks/);

  await webhooks.connect('GitHub');
  await webhooks.confirm('Switch');
  await expect(page.getByRole('heading', { name: 'GitHub', exact: true })).toBeVisible();
  await webhooks.open();
  await expect(webhooks.addInbound).toBeEnabled();
  const words = 'Receive issue changes from GitHub as they happen.';
  await expect(page.getByText(words)).toBeVisible();
});

const send = {
  GitHub: (to: { url: string; secret: string }) =>
    sendFromGithub(to, 'issues', issuePayload('opened', { number: 7, title: 'Total is wrong', updatedAt: '2026-01-05T10:00:00Z' })),
  GitLab: (to: { url: string; secret: string }) => sendFromGitlab(to, gitlabIssue(7, 'Total is wrong')),
  'Gitea / Forgejo': (to: { url: string; secret: string }) => sendFromGitea(to, giteaIssue(7, 'Total is wrong')),
  Jira: (to: { url: string; secret: string }) => sendFromJira(to, jiraIssue('WEB-7', 'Total is wrong')),
};

for (const provider of ['GitHub', 'GitLab', 'Gitea / Forgejo', 'Jira'] as const) {
  test(`an inbound ${provider} webhook receives, and rotates its URL and secret at once`, async ({ page, server }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.connected(provider);
    await webhooks.open();
    await webhooks.addInbound.click();
    await expect(webhooks.reveal.getByRole('listitem').first()).toBeVisible();
    await expectAccessible(page);
    const first = await webhooks.copiedBoth();
    const name = `${provider} issues`;
    await expect(webhooks.card(name)).toContainText('whk_');
    await expect(webhooks.card(name)).toContainText('Last received Never');
    await expect(webhooks.health(name)).toContainText('Not used yet');
    await webhooks.expectGone(first.url, first.secret);
    await expect(webhooks.addInbound).toBeDisabled();
    await expect(webhooks.addInbound).toHaveAccessibleDescription('A project has one inbound webhook.');

    const received = await send[provider](first);
    expect(await received.json()).toEqual({ ok: true, outcome: 'created' });
    await expect(webhooks.card(name)).toContainText(/Last received (just now|\d+ seconds ago)/);
    await expect(webhooks.health(name)).toContainText('Healthy');
    await webhooks.health(name).focus();
    await expect(page.getByRole('tooltip').filter({ visible: true })).toContainText(/Last success (just now|\d+ seconds ago)/);

    // Back from this page leads to the issues, without loading.
    await page.getByRole('link', { name: 'Issues', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Issues', exact: true })).toBeVisible();
    await page.getByRole('link', { name: 'Webhooks', exact: true }).click();
    await webhooks.press(name, 'Rotate secret');
    await expect(page.getByRole('dialog')).toContainText('stop working immediately');
    await expectAccessible(page);
    await webhooks.confirm('Rotate secret');
    await expect(webhooks.reveal).toBeVisible();
    const leaves = () => page.evaluate(() => window.dispatchEvent(new Event('beforeunload', { cancelable: true })));
    await expect.poll(leaves, 'the browser asks first').toBe(false);
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    await expect(webhooks.reveal, 'not closed by accident').toBeVisible();
    await page.goBack();
    await page.getByText("haven't copied the secret").getByRole('link', { name: 'Show it' }).click();
    const second = await webhooks.copiedBoth();
    await expect.poll(leaves).toBe(true);
    expect(second.url).not.toBe(first.url);
    expect(second.secret).not.toBe(first.secret);
    expect((await send[provider](first)).status).toBe(404);
    expect((await send[provider]({ url: second.url, secret: first.secret })).status).toBe(401);
    expect((await send[provider](second)).status).toBe(200);
    for (const secret of [first.secret, second.secret, second.url]) expect(server.log).not.toContain(secret);
  });
}

test('an Azure DevOps webhook asks for its credentials first and has nothing to rotate', async ({ page }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.connected('Azure DevOps');
  await webhooks.open();
  await webhooks.addInbound.click();
  const form = page.getByRole('dialog', { name: 'Azure DevOps credentials' });
  await expect(form.getByLabel('Username')).toBeFocused();
  await expectAccessible(page);
  await form.getByLabel('Username').fill('testbell');
  await form.getByLabel('Password').fill('pat-of-azure-7531');
  await form.getByRole('button', { name: 'Add webhook' }).click();
  await expect(webhooks.reveal).toContainText('username and password are stored encrypted');
  const revealed = await webhooks.copied();
  expect(revealed, 'the URL alone').toHaveLength(1);
  const url = revealed[0]!;
  const card = webhooks.card('Azure DevOps issues');
  await webhooks.openMenu('Azure DevOps issues');
  await expect(card.getByRole('button', { name: /^Rotate/ })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(card).toContainText('delete it and add it again');
  await webhooks.expectGone(url, 'pat-of-azure-7531');

  const item = azureWorkItem(297, 'Total is wrong');
  expect((await sendFromAzure(url, 'testbell', 'wrong', item)).status).toBe(401);
  const received = await sendFromAzure(url, 'testbell', 'pat-of-azure-7531', item);
  expect(await received.json()).toEqual({ ok: true, outcome: 'created' });
});

test.describe('with no secret at first', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('a Linear webhook receives once its signing secret is entered', async ({ page }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.connected('Linear');
    await webhooks.open();
    await webhooks.addInbound.click();
    await expect(webhooks.reveal).toContainText('choose Enter signing secret');
    const revealed = await webhooks.copied();
    expect(revealed, 'the URL alone').toHaveLength(1);
    const to = { url: revealed[0]!, secret: 'lin_wh_secret_of_linear' };
    const card = webhooks.card('Linear issues');
    await expect(card).toContainText('Events are refused until an admin enters the signing secret that Linear shows');
    expect((await sendFromLinear(to, linearIssue(7, 'Total is wrong'))).status).toBe(401);

    await webhooks.press('Linear issues', 'Enter signing secret');
    const dialog = page.getByRole('dialog', { name: 'Enter the signing secret of Linear issues' });
    await dialog.getByRole('button', { name: 'Save secret' }).click();
    await expect(dialog.getByLabel('Signing secret')).toHaveAccessibleDescription('Enter a secret.');
    await expectAccessible(page);
    await dialog.getByLabel('Signing secret').fill(to.secret);
    await dialog.getByRole('button', { name: 'Save secret' }).click();
    await expect(page.getByText('Signing secret saved')).toBeVisible();
    await expect(card).not.toContainText('Events are refused until');
    await expect(page.getByRole('button', { name: 'More actions for Linear issues' })).toBeFocused();
    const received = await sendFromLinear(to, linearIssue(7, 'Total is wrong'));
    expect(await received.json()).toEqual({ ok: true, outcome: 'created' });
    await webhooks.expectGone(to.secret);
  });
});

test('the test of an inbound webhook is received like an event and changes no issue', async ({ page }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.connected('GitHub');
  await webhooks.open();
  await webhooks.addInbound.click();
  await webhooks.copied();
  const card = webhooks.card('GitHub issues');
  for (const words of [/Test accepted: 200 OK/, /same test as before|No issue was changed/]) {
    await webhooks.press('GitHub issues', 'Send test');
    await expect(card.getByRole('status', { name: 'Result of the test' })).toContainText(words);
  }
  await card.getByRole('link', { name: 'View delivery' }).click();
  const drawer = page.getByRole('dialog', { name: 'Delivery' });
  await expect(drawer).toContainText('SHA-256 of the body');
  await expect(drawer).toContainText("can't be replayed");
  await expect(drawer.getByRole('button', { name: 'Replay' })).toHaveCount(0);
  await webhooks.project.open('/issues');
  await expect(page.getByText('No issues yet')).toBeVisible();
});

for (const provider of ['GitHub', 'Jira', 'Azure DevOps'] satisfies Provider[]) {
  test(`switching from ${provider} warns that the inbound webhook is deleted, if there is one`, async ({ page }) => {
    const webhooks = await WebhooksPage.start(page);
    const next = provider === 'GitHub' ? 'Jira' : 'GitHub';
    const warning = page.getByRole('dialog').getByText(/inbound webhook will also be deleted/);
    await webhooks.connected(provider);
    await webhooks.connect(next);
    await expect(page.getByRole('dialog', { name: 'Switch to another tracker?' })).toBeVisible();
    await expect(warning).toHaveCount(0);
    await webhooks.confirm('Cancel');

    await webhooks.open();
    await webhooks.addInbound.click();
    if (provider === 'Azure DevOps') {
      const form = page.getByRole('dialog', { name: 'Azure DevOps credentials' });
      await form.getByLabel('Username').fill('testbell');
      await form.getByLabel('Password').fill('pat-of-azure-7531');
      await form.getByRole('button', { name: 'Add webhook' }).click();
    }
    await webhooks.copied();
    await webhooks.project.open('/settings/integration');
    await page.getByRole('button', { name: 'Remove' }).click();
    await expect(warning).toBeVisible();
    await webhooks.confirm('Cancel');
    await webhooks.connect(next);
    await expect(warning).toBeVisible();
    await expectAccessible(page);
    await webhooks.confirm('Switch');
    await webhooks.open();
    await expect(webhooks.card(`${provider} issues`)).toHaveCount(0);
    await expect(webhooks.addInbound).toBeEnabled();
  });
}
