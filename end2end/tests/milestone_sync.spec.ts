// Milestones that are kept in sync with those of the tracker.
import { WebhooksPage } from '../pages/webhooks.js';
import { milestonePayload, sendFromGithub } from '../support/github.js';
import { expect, expectAccessible, test } from '../support/test.js';

test("a milestone of GitHub is kept in sync and can't be edited", async ({ page }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.connected('GitHub');
  await page.getByRole('checkbox', { name: 'Keep milestones in sync' }).check();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save integration' }).click();
  await expect(page.getByText('Milestones in sync')).toBeVisible();
  await webhooks.open();
  await webhooks.addInbound.click();
  const inbound = await webhooks.copiedBoth();
  const created = await sendFromGithub(inbound, 'milestone', milestonePayload('created', 'v1.0', '2026-01-05T10:00:00Z'));
  expect(await created.json()).toEqual({ ok: true, outcome: 'created' });

  await page.getByRole('link', { name: /^Milestones/ }).click();
  await page.getByRole('link', { name: 'v1.0' }).click();
  await expect(page.getByText('Kept in sync with GitHub. Change it there.')).toBeVisible();
  const source = page.getByRole('link', { name: 'GitHub', exact: true });
  await expect(source).toHaveAttribute('href', 'https://github.com/acme/checkout/milestone/1');
  await expect(page.getByText('24 Dec 2030')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Complete milestone' })).toBeHidden();
  await expectAccessible(page);

  await sendFromGithub(inbound, 'milestone', milestonePayload('edited', 'v1.1', '2026-01-05T10:00:01Z'));
  await expect(page.getByRole('heading', { name: 'v1.1' })).toBeVisible();
  await sendFromGithub(inbound, 'milestone', milestonePayload('deleted', 'v1.1', '2026-01-05T10:00:02Z'));
  await expect(page.getByText('Deleted in GitHub. It stays here, and can be edited.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Complete milestone' })).toBeVisible();
});
