// The Deliveries tab: the list, its filters, and replays.
import { hydrated, signIn } from '../pages/account.js';
import { DeliveriesPage } from '../pages/deliveries.js';
import { ProjectPage } from '../pages/project.js';
import { issuePayload, sendFromGithub } from '../support/github.js';
import { Receiver } from '../support/receiver.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues, titles } from '../support/work.js';
import type { Page } from '@playwright/test';

/** A project whose inbound webhook has received an event that was sent to a receiver. */
async function start(page: Page, receiver: Receiver): Promise<{ deliveries: DeliveriesPage; secret: string }> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.integrate({ provider: 'github', repository: 'acme/checkout' });
  const inbound = await project.createInbound();
  const secret = await project.createOutbound('CI trigger', `${receiver.url}/hook`);
  const issue = { number: 7, title: 'Total is wrong', updatedAt: '2026-01-05T10:00:00Z' };
  const payload = issuePayload('opened', issue);
  await sendFromGithub(inbound, 'issues', payload);
  await sendFromGithub(inbound, 'issues', payload);
  await receiver.waitFor(1);
  return { deliveries: new DeliveriesPage(project), secret };
}

test('deliveries of both directions are listed and filtered', async ({ page, receiver }) => {
  const { deliveries } = await start(page, receiver);
  await deliveries.open();
  await expect(deliveries.rows()).toHaveCount(3);
  const sent = deliveries.rows('issue.created');
  await expect(sent).toContainText('CI trigger');
  await expect(sent).toContainText('Delivered');
  await expect(sent).toContainText('200');
  await expect(sent).toContainText('Sent to CI trigger');
  await expect(deliveries.rows(/issues\.opened.*Created/)).toContainText('Received from GitHub issues');
  await expect(deliveries.rows('Duplicate')).toContainText('Received from GitHub issues');
  await page.getByLabel('Direction', { exact: true }).selectOption('Outbound');
  await expect(deliveries.rows()).toHaveCount(1);
  await page.getByLabel('Status', { exact: true }).selectOption('Failed');
  await expect(page.getByText('No deliveries match these filters')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Replay all matching' })).toBeDisabled();
  await page.getByRole('link', { name: 'Reset', exact: true }).click();
  await expect(deliveries.rows()).toHaveCount(3);
  await page.getByLabel('Webhook', { exact: true }).selectOption('GitHub issues');
  await expect(deliveries.rows()).toHaveCount(2);
  await deliveries.openTimes();
  await page.getByLabel('Until, in UTC').fill('2020-01-01T00:00');
  await expect(page.getByText('No deliveries match these filters')).toBeVisible();
  await page.getByLabel('From, in UTC').fill('2020-01-01T00:00');
  await page.getByLabel('Until, in UTC').fill('');
  await expect(deliveries.rows()).toHaveCount(2);
  await expect(page).toHaveURL(/since=2020-01-01T00/);
  await expectAccessible(page);
});

test('Replay is visible at every width', async ({ page, receiver }) => {
  const { deliveries } = await start(page, receiver);
  await deliveries.open();
  const replay = deliveries.rows('issue.created').getByRole('button', { name: 'Replay issue.created' });
  for (const width of [360, 801, 900, 1001, 1100, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const [button, table] = [await replay.boundingBox(), await page.locator('.table-wrap').boundingBox()];
    expect(button!.x + button!.width, `${width} px`).toBeLessThanOrEqual(table!.x + table!.width);
    expect(button!.width, `${width} px`).toBeGreaterThan(0);
  }
});

test('a row names its subject, and a click anywhere on it opens the delivery', async ({ page, receiver }) => {
  const { deliveries } = await start(page, receiver);
  await deliveries.open();
  const sent = deliveries.rows('issue.created');
  await expect(sent).toContainText('#7 Total is wrong');
  await expect(page.getByText('3 deliveries', { exact: true })).toBeVisible();
  await sent.getByRole('cell', { name: 'Sent to CI trigger' }).click();
  await expect(deliveries.drawer).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(deliveries.drawer).toBeHidden();
  await sent.getByRole('checkbox').check();
  await expect(deliveries.drawer).toBeHidden();
});

test('the arrow keys move the drawer along the list', async ({ page, receiver }) => {
  const { deliveries } = await start(page, receiver);
  await deliveries.open();
  await deliveries.rows().first().getByRole('link').first().click();
  const previous = deliveries.drawer.getByRole('button', { name: 'Previous' });
  await expect(previous).toBeDisabled();
  await deliveries.drawer.press('ArrowDown');
  await expect(previous).toBeEnabled();
  await deliveries.drawer.getByRole('button', { name: 'Next' }).click();
  await expect(deliveries.drawer.getByRole('button', { name: 'Next' })).toBeDisabled();
  await expect(deliveries.drawer).toBeFocused();
  await deliveries.drawer.press('ArrowUp');
  await expect(deliveries.drawer.getByRole('button', { name: 'Next' })).toBeEnabled();
  await deliveries.drawer.press('Escape');
  await expect(deliveries.drawer).toBeHidden();
});

test.describe('in another time zone', () => {
  test.use({ timezoneId: 'Asia/Kolkata' });

  test('dates are filtered in the user’s time zone', async ({ page, receiver }) => {
    const { deliveries } = await start(page, receiver);
    await deliveries.open();
    await deliveries.openTimes();
    await page.getByLabel('Until, in UTC+5:30').fill('2020-01-01T05:30');
    await expect(page).toHaveURL(/until=2020-01-01T00%3A00%3A00\.000Z/);
    await expect(page.getByText('No deliveries match these filters')).toBeVisible();
    await deliveries.reload();
    await expect(page.getByLabel('Until, in UTC+5:30')).toHaveValue('2020-01-01T05:30');
  });
});

test('an inbound delivery says why it can’t be replayed', async ({ page, receiver }) => {
  const { deliveries } = await start(page, receiver);
  await deliveries.open();
  const row = deliveries.rows('Duplicate');
  await expect(row.getByRole('checkbox')).toBeDisabled();
  const note = row.getByRole('button', { name: 'No replay of issues.opened' });
  await expect(note).toHaveAccessibleDescription(/only the SHA-256 of the body is kept/);
  await note.focus();
  await expect(page.getByRole('tooltip').filter({ visible: true })).toContainText('SHA-256');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('tooltip').filter({ visible: true })).toHaveCount(0);
  await deliveries.show('Duplicate');
  await expect(deliveries.drawer).toContainText('SHA-256 of the body');
  await expect(deliveries.drawer).toContainText("Inbound deliveries can't be replayed");
  await expect(deliveries.drawer.getByRole('button', { name: 'Replay' })).toHaveCount(0);
  await expect(deliveries.drawer.locator('.note.bad')).toHaveCount(0);
  await expect(deliveries.drawer).toContainText('200 OK');
  await expectAccessible(page);
  await deliveries.drawer.press('Escape');
  await expect(deliveries.drawer).toHaveCount(0);
  await page.goBack();
  await expect(page, 'what was closed is not opened again').not.toHaveURL(/delivery=/);
});

test('a replay has the same payload and ID, and its chain links both ways', async ({ page, receiver }) => {
  const { deliveries, secret } = await start(page, receiver);
  await deliveries.open();
  await deliveries.rows('issue.created').getByRole('button', { name: 'Replay issue.created' }).click();
  await expect(deliveries.message('1 delivery queued')).toBeVisible();
  const [first, second] = await receiver.waitFor(2);
  expect(second!.body).toBe(first!.body);
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  Receiver.verify(second!, secret);
  await expect(deliveries.rows('issue.created')).toHaveCount(2);
  await expect(deliveries.rows('issue.created').first()).toContainText('Replay');

  // The newest delivery, replayed from its drawer.
  await deliveries.show('issue.created');
  await deliveries.drawer.getByRole('button', { name: 'Replay' }).click();
  await receiver.waitFor(3);
  const chain = deliveries.drawer.getByRole('list', { name: 'Replay history' });
  await expect(chain.getByRole('listitem')).toHaveCount(3);
  await expect(chain.getByRole('listitem').nth(1)).toContainText('(current)');
  await expectAccessible(page);
  await chain.getByRole('link', { name: /^Original/ }).click();
  await expect(chain.getByRole('listitem').first()).toContainText('(current)');
  await chain.getByRole('link', { name: /^Replay/ }).last().click();
  await expect(chain.getByRole('listitem').last()).toContainText('(current)');
  await expect(deliveries.drawer).toContainText('webhook-id');
});

test('selected deliveries are replayed in one batch', async ({ page, receiver }) => {
  const { deliveries } = await start(page, receiver);
  await makeIssues(page, deliveries.project.id, titles(3));
  await receiver.waitFor(4);
  await deliveries.open();
  await expect(deliveries.replaySelected).toHaveCount(0);
  await deliveries.rows('issue.created').first().getByRole('checkbox').check();
  const all = page.getByRole('checkbox', { name: 'Select all on this page' });
  await expect(all).toHaveJSProperty('indeterminate', true);
  await all.check();
  await expect(deliveries.replaySelected).toHaveText('Replay 4 deliveries');
  await expect(page.getByLabel('Status', { exact: true }), 'the selection is in place of the filters').toBeHidden();
  await expectAccessible(page);
  await deliveries.replaySelected.click();
  await expect(deliveries.message('4 deliveries queued')).toBeVisible();
  await receiver.waitFor(8);
  await expect(deliveries.replaySelected).toHaveCount(0);
  await expect(deliveries.rows('issue.created')).toHaveCount(8);
});

test('all matching deliveries are replayed, except inbound ones', async ({ page, receiver }) => {
  const { deliveries } = await start(page, receiver);
  await makeIssues(page, deliveries.project.id, titles(2));
  await receiver.waitFor(3);
  await deliveries.open();
  await expect(page.getByRole('button', { name: 'Replay all 5 matching' })).toBeVisible();
  await deliveries.replayAll();
  await expect(deliveries.message('3 deliveries queued, 2 skipped')).toBeVisible();
  await receiver.waitFor(6);
});

test('deliveries that are retried have a filter of their own', async ({ page, receiver }) => {
  receiver.answer = () => ({ status: 503, body: 'restarting' });
  const { deliveries } = await start(page, receiver);
  await deliveries.open();
  await expect(deliveries.rows('issue.created')).toContainText(/Failed\s*Next/);
  await page.getByLabel('Status', { exact: true }).selectOption('Failed');
  await expect(deliveries.rows()).toHaveCount(1);
  await page.getByLabel('Status', { exact: true }).selectOption('Delivered');
  await expect(deliveries.rows('issue.created')).toHaveCount(0);
});

test.describe('beyond the cap', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('more than 100 are refused as a whole, with a clear error', async ({ page, receiver }) => {
    // A hundred requests in sequence, and as many deliveries.
    test.setTimeout(120_000);
    const { deliveries } = await start(page, receiver);
    await makeIssues(page, deliveries.project.id, titles(101));
    await receiver.waitFor(102);
    await deliveries.open('direction=outbound');
    await expect(deliveries.rows()).toHaveCount(50);
    await deliveries.replayAll();
    const refused = page.getByRole('alert').filter({ hasText: '100' });
    await expect(refused).toBeVisible();
    await expectAccessible(page);

    // The selection is kept from page to page.
    const all = page.getByRole('checkbox', { name: 'Select all on this page' });
    await all.check();
    for (const count of [100, 102]) {
      await page.getByRole('link', { name: 'Next page' }).click();
      await expect(all).not.toBeChecked();
      await all.check();
      await expect(deliveries.replaySelected).toHaveText(`Replay ${count} deliveries`);
    }
    await deliveries.replaySelected.click();
    await expect(refused).toBeVisible();
    expect(receiver.received, 'nothing was queued').toHaveLength(102);
    await page.getByRole('button', { name: 'Clear selection' }).click();
    await all.check();
    await deliveries.replaySelected.click();
    await expect(deliveries.message('2 deliveries queued')).toBeVisible();
    await expect(refused).toBeHidden();
    await receiver.waitFor(104);
  });
});

test('a member reads webhooks and deliveries but can’t change them', async ({ page, receiver, browser, server, watch }) => {
  // Two browsers and a run of axe take a while on two cores.
  test.setTimeout(120_000);
  const { deliveries } = await start(page, receiver);
  await deliveries.project.open('/settings/members');
  await page.getByLabel('Email').fill('mel@example.com');
  await page.getByRole('button', { name: 'Create invite link' }).click();
  const link = await page.getByRole('dialog').filter({ hasText: /You won't see/ }).locator('code').first().textContent();
  const other = await browser.newContext({ baseURL: server.url });
  watch(other);
  const member = await other.newPage();
  await member.goto(link!);
  await member.getByLabel('Name').fill('Mel Member');
  await member.getByLabel('Password').fill('correct horse battery staple');
  await member.getByRole('button', { name: 'Accept invite' }).click();
  await expect(member.getByRole('heading', { name: 'Dashboard', exact: true })).toBeVisible();
  await hydrated(member);
  await member.getByRole('link', { name: 'Webhooks', exact: true }).click();
  const card = member.getByRole('article', { name: 'CI trigger' });
  await card.getByRole('button', { name: /^View events/ }).click();
  await expect(member.getByRole('list', { name: 'Subscribed events' })).toContainText('All issue events');
  await expect(member.getByRole('checkbox')).toHaveCount(0);
  await expect(member.getByRole('button', { name: /^(Send test|Rotate|Delete|Add|More)/ })).toHaveCount(0);
  await expectAccessible(member);
  await member.keyboard.press('Escape');
  const theirs = new DeliveriesPage(new ProjectPage(member, deliveries.project.id));
  await theirs.open();
  await expect(theirs.rows()).toHaveCount(3);
  await expect(member.getByRole('checkbox')).toHaveCount(0);
  await expect(member.getByRole('button', { name: /Replay/ })).toHaveCount(0);
  await theirs.show('issue.created');
  await expect(theirs.drawer).toContainText('webhook-signature');
  await expect(theirs.drawer.getByRole('button', { name: 'Replay' })).toHaveCount(0);
  await other.close();
});
