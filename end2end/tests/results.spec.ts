// Results of a run: added by keyboard, changed, deleted; a run that is aborted and tested again.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

/** The page of a run with three cases. */
async function start(page: Page): Promise<Testware> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/cases');
  const testware = new Testware(page, project);
  for (const title of ['Pay by card', 'Pay by invoice', 'Pay later']) await testware.createCase(title);
  await testware.createRun('All payments', 'Pay');
  return testware;
}

const statuses = (page: Page) =>
  page.getByRole('region').or(page.locator('section')).filter({ has: page.getByRole('heading', { name: 'Cases' }) });

test('results are added by keyboard and shown live', async ({ browser, page, server, watch }) => {
  const testware = await start(page);
  const second = await browser.newContext({ baseURL: server.url });
  watch(second);
  const watcher = await second.newPage();
  await signIn(watcher);
  await watcher.goto(page.url());
  await hydrated(watcher);
  await new LivePage(watcher).expectLive();

  const links = page.getByRole('link', { name: /^Add result to/ });
  await links.first().focus();
  await page.keyboard.press('p');
  await expect(links.nth(1), 'the next case').toBeFocused();
  await page.keyboard.press('f');
  await expect(links.nth(2)).toBeFocused();
  await page.keyboard.press('b');
  const progress = watcher.locator('.card .progress');
  await expect(progress).toContainText('1 passed, 1 failed, 1 blocked');
  await page.keyboard.press('k');
  await expect(links.nth(1)).toBeFocused();
  await page.keyboard.press('r');
  await expect(progress).toContainText('1 passed, 1 blocked, 1 retest');
  await expect(links.nth(2)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('n');
  await expect(links.nth(2)).toBeFocused();
  // With a modifier, the key is the browser's.
  await page.keyboard.press('Control+ArrowUp');
  await expect(links.nth(2)).toBeFocused();
  await expectAccessible(page);
  await testware.confirm('Complete');
  await expect(page.getByText('With the focus on a case')).toBeHidden();
  await second.close();
});

test('a result is changed and deleted', async ({ page }) => {
  const testware = await start(page);
  await page.request.post(`/api/v1/projects/${testware.project.id}/issues`, { data: { title: 'Bank is down' } });
  await testware.addResult('Pay by card', 'Failed', 'The bank says no');
  const results = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Results' }) });
  const row = results.getByRole('row').filter({ hasText: 'Pay by card' });
  await row.getByRole('button', { name: 'Actions of the result of WEB-C1' }).click();
  await row.getByRole('link', { name: 'Edit result' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit result' });
  await expect(dialog.getByRole('radio', { name: 'Failed' })).toBeChecked();
  await expect(dialog.getByLabel('Duration (min)')).toHaveValue('2.5');
  await expectAccessible(page);
  await dialog.getByRole('radio', { name: 'Blocked' }).check();
  await dialog.getByLabel('Comment').fill('The bank is down');
  await dialog.getByRole('searchbox', { name: 'Search issues' }).fill('Bank');
  await dialog.getByRole('checkbox', { name: 'Bank is down' }).check();
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog).toBeHidden();
  await expect(row).toContainText('The bank is down');
  await expect(row.locator('.badges')).toContainText('Bank is down');
  await expect(statuses(page).first().getByRole('row').filter({ hasText: 'Pay by card' })).toContainText('Blocked');

  await row.getByRole('button', { name: 'Actions of the result of WEB-C1' }).click();
  await row.getByRole('button', { name: 'Delete result' }).click();
  const confirm = page.getByRole('dialog', { name: 'Delete this result?' });
  await confirm.getByRole('button', { name: 'Delete result' }).click();
  await expect(confirm).toBeHidden();
  await expect(page.getByText('No results yet.')).toBeVisible();
  await expect(statuses(page).first().getByRole('row').filter({ hasText: 'Pay by card' })).toContainText('Untested');
});

test('an aborted run is read-only, and its failed cases are tested again', async ({ page }) => {
  const testware = await start(page);
  await testware.addResult('Pay by card', 'Failed', 'The bank says no');
  await testware.addResult('Pay later', 'Passed', 'All is well');
  await testware.confirm('Abort');
  await expect(page.getByText(/^Aborted .*Read-only/)).toBeVisible();
  await expect(page.getByRole('link', { name: /^Add result/ })).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('button', { name: 'Duplicate with failed cases only' }).click();
  await expect(page.getByText('WEB-R2')).toBeVisible();
  await expect(page.locator('.card .progress')).toContainText('1 untested');
  await expect(page.getByRole('link', { name: 'Pay by card' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Pay later' })).toHaveCount(0);
  await testware.list('Test runs');
  await expect(page.getByRole('row').filter({ hasText: 'WEB-R1' })).toContainText('Aborted');
});
