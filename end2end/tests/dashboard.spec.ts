// The dashboard: the first page of a project.
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

test('a new project says what to do first', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await page.goto(`/projects/${project.id}`);
  await expect(page).toHaveURL(`/projects/${project.id}/dashboard`);
  const start = page.getByRole('region', { name: 'Get started' });
  await expect(start.getByRole('listitem')).toHaveCount(3);
  await expect(page.getByText('No open test runs.')).toBeVisible();
  await expect(page.getByText('No failures yet.')).toBeVisible();
  await expectAccessible(page);
  await start.getByRole('link', { name: 'New case' }).click();
  await page.getByRole('dialog', { name: 'New case' }).getByLabel('Title').fill('Pay by card');
  await page.getByRole('dialog', { name: 'New case' }).getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Pay by card', level: 1 })).toBeVisible();
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await expect(start.getByText('Done: Add test cases')).toBeVisible();
});

test('the dashboard shows open runs, failures and activity as they happen', async ({ page, browser, server, watch }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const second = await browser.newContext({ baseURL: server.url });
  watch(second);
  const watcher = await second.newPage();
  await signIn(watcher);
  await watcher.goto(`/projects/${project.id}/dashboard`);
  await hydrated(watcher);
  await project.open('/dashboard');
  const testware = new Testware(page, project);
  await testware.createCase('Pay by card', [{ action: 'Pay' }]);
  await testware.createRun('Release 1', 'Pay');
  const runs = watcher.getByRole('region', { name: 'Open test runs' });
  await expect(runs.getByRole('link', { name: 'Release 1' })).toBeVisible();
  await expect(runs).toContainText('1 untested');
  await testware.addResult('Pay by card', 'Failed', 'The bank says no');
  const failures = watcher.getByRole('region', { name: 'Latest failures' });
  await expect(failures.getByRole('link', { name: 'Pay by card' })).toBeVisible();
  await expect(failures).toContainText('The bank says no');
  await expect(runs).toContainText('1 failed');
  const activity = watcher.getByRole('region', { name: 'Activity' });
  await expect(activity.getByText(/^Test run created WEB-R1 Release 1/)).toBeVisible();
  await expectAccessible(watcher);
  await testware.confirm('Complete');
  await expect(watcher.getByText('No open test runs.')).toBeVisible();
  await failures.getByRole('link', { name: 'Pay by card' }).click();
  await expect(watcher.getByRole('heading', { name: 'Release 1', level: 1 })).toBeVisible();
});
