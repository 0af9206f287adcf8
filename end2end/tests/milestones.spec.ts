// Milestones: created, chosen in runs and sessions, followed live, completed.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

async function start(page: Page): Promise<Testware> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/milestones');
  return new Testware(page, project);
}

test('an open milestone is overdue after its day', async ({ page }) => {
  const testware = await start(page);
  await testware.createMilestone('Release 3', '2020-01-01');
  await expect(page.getByText('1 Jan 2020')).toBeVisible();
  await expect(page.getByText('Overdue')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Complete milestone' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Complete milestone' }).click();
  await expect(page.getByText('Read-only.')).toBeVisible();
  await expect(page.getByText('Overdue')).toBeHidden();
});

test('a milestone shows the progress of its runs and sessions live', async ({ browser, page, server, watch }) => {
  const testware = await start(page);
  await expect(page.getByText('No milestones yet')).toBeVisible();
  await testware.createMilestone('Release 4', '2030-12-24');
  await expect(page.getByText('WEB-M1')).toBeVisible();
  await expect(page.getByText('24 Dec 2030')).toBeVisible();
  await expect(page.getByText('None yet. Choose this milestone in a test run or a session.')).toBeVisible();
  const milestone = page.url();

  const second = await browser.newContext({ baseURL: server.url });
  watch(second);
  const watcher = await second.newPage();
  await signIn(watcher);
  await watcher.goto(milestone);
  await hydrated(watcher);
  await new LivePage(watcher).expectLive();

  for (const title of ['Pay by card', 'Pay by invoice']) await testware.createCase(title);
  await testware.createRun('All payments', 'Pay');
  await testware.chooseMilestone('Release 4');
  await expect(page.getByRole('link', { name: 'Release 4' })).toBeVisible();
  const progress = watcher.locator('.card .progress');
  await expect(progress).toContainText('2 untested');
  await expect(watcher.getByRole('row').filter({ hasText: 'All payments' })).toContainText('New');
  await testware.addResult('Pay by card', 'Failed', 'The bank says no');
  await expect(progress).toContainText('1 failed, 1 untested');
  await testware.createSession('Vouchers', 'Explore', 60);
  await testware.chooseMilestone('Release 4');
  await testware.addResult(undefined, 'Passed', 'All is well');
  await expect(progress).toContainText('1 passed, 1 failed, 1 untested');
  await testware.chooseMilestone('None');
  await expect(progress).toContainText('1 failed, 1 untested');
  await expect(watcher.getByRole('row').filter({ hasText: 'Vouchers' })).toHaveCount(0);
  await second.close();
});

test('the due date of a milestone changes, and a completed milestone is read-only', async ({ page }) => {
  const testware = await start(page);
  await testware.createMilestone('Release 4', '2030-12-24');
  await testware.act('Edit');
  const dialog = page.getByRole('dialog', { name: 'Edit milestone' });
  await dialog.getByLabel('Due date').fill('2031-01-08');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('8 Jan 2031')).toBeVisible();
  await expectAccessible(page);
  await testware.confirm('Complete');
  await expect(page.getByText(/^Completed .*Read-only\.$/)).toBeVisible();
  await expect(page.getByRole('link', { name: /^Edit/ })).toHaveCount(0);
  await testware.list('Milestones');
  await expect(testware.row('Release 4')).toContainText('8 Jan 2031');
  await expect(testware.row('Release 4')).toContainText('Completed');
  await page.getByRole('navigation', { name: 'Completion' }).getByRole('link', { name: 'Open' }).click();
  await expect(page.getByText('No milestones match these filters')).toBeVisible();
});
