// The keys of issues in texts.
import { Testware } from '../pages/testware.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { issuePayload, sendFromGithub } from '../support/github.js';
import { expect, expectAccessible, test } from '../support/test.js';

test('the key of an issue in a comment opens its details', async ({ page }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.connected('GitHub');
  const inbound = await webhooks.project.createInbound();
  const issue = { number: 7, title: 'Card is declined', updatedAt: '2026-01-05T10:00:00Z' };
  await sendFromGithub(inbound, 'issues', issuePayload('opened', issue));

  await webhooks.project.open('/cases');
  await new Testware(page, webhooks.project).createCase('Pay by card');
  await page.getByLabel('New comment').fill('Blocked by #7 (acme/checkout#7), see `#7`. Not #99 or <b>#7</b>.');
  await page.getByRole('button', { name: 'Add comment' }).click();
  const comment = page.locator('.comments').getByRole('listitem');
  await expect(comment.getByRole('button', { name: /#\d/ })).toHaveText(['#7', 'acme/checkout#7', '#7']);

  const key = comment.getByRole('button', { name: '#7', exact: true }).first();
  await key.focus();
  await page.keyboard.press('Enter');
  const popover = comment.locator('.popover:popover-open');
  await expect(popover.getByText(/^open$/i)).toBeVisible();
  await expect(popover.getByText('octocat')).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(popover).toBeHidden();

  const renamed = { ...issue, title: 'Card is <i>declined</i>', updatedAt: '2026-01-05T10:00:01Z' };
  await sendFromGithub(inbound, 'issues', issuePayload('edited', renamed));
  await key.click();
  await popover.getByRole('link', { name: 'Card is <i>declined</i>' }).click();
  await expect(page.getByRole('heading', { name: 'Card is <i>declined</i>' })).toBeVisible();
});
