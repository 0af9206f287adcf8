// Reports of runs, plans and milestones, and the assignment of cases.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

/** Creates a run with two cases; leads to its page. */
async function start(page: Page): Promise<Testware> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/cases');
  const testware = new Testware(page, project);
  await testware.createCase('Pay by card');
  await testware.createCase('Pay by invoice');
  await testware.createRun('Release 1', 'Pay');
  return testware;
}

test('the report of a run shows its results in charts and tables, and is printed without navigation', async ({ page }) => {
  const testware = await start(page);
  await page.getByRole('link', { name: 'Report', exact: true }).click();
  await expect(page.getByText('No results yet. Charts appear once results are added.')).toBeVisible();
  await page.getByRole('link', { name: 'WEB-R1' }).click();
  await testware.addResult('Pay by card', 'Failed', 'The bank says no');
  await testware.addResult('Pay by card', 'Passed', 'Now it does');
  await page.getByRole('link', { name: 'Report', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Report: Release 1', level: 1 })).toBeVisible();

  const part = (name: string) => page.getByRole('region', { name });
  await expect(part('Results over time').getByRole('img', { name: 'Results for each hour, by status' })).toBeVisible();
  const names = { 'Cases by suite': '2', 'Results by tester': '2', 'Flaky cases': '2' };
  for (const [name, total] of Object.entries(names)) {
    await expect(part(name).getByRole('row').last().getByRole('cell').last()).toHaveText(total);
    await expect(part(name).getByRole('img')).toBeVisible();
  }
  await expect(part('Cases by suite').getByRole('row').last()).toContainText('No suite');
  await expect(part('Slowest cases').getByRole('row').last()).toContainText('2 min 30 s');
  await expectAccessible(page);

  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(page.locator('#sidebar')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Print' })).toBeHidden();
  await expect(part('Results by tester').getByRole('img')).toBeVisible();
  const color = await page.locator('h1').evaluate((heading) => getComputedStyle(heading).color);
  expect(color).toBe('rgb(0, 0, 0)');
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
  await part('Flaky cases').getByRole('link', { name: 'Pay by card' }).click();
  await expect(page.getByRole('heading', { name: 'Pay by card', level: 1 })).toBeVisible();
});

test('a report is read and cases are assigned without JavaScript', async ({ browser, page, server, watch }) => {
  const testware = await start(page);
  await testware.addResult('Pay by card', 'Passed', 'As it should');
  const run = page.url();
  const plain = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false, storageState: await page.context().storageState() });
  watch(plain);
  const reader = await plain.newPage();
  await reader.goto(`${run}/report`);
  await expect(reader.getByRole('region', { name: 'Results by tester' }).getByRole('img')).toBeVisible();
  await reader.getByRole('link', { name: 'WEB-R1' }).click();
  await reader.getByRole('link', { name: 'Assign cases' }).click();
  const dialog = reader.getByRole('dialog', { name: 'Assign cases' });
  await dialog.getByLabel('Assignee').selectOption({ index: 1 });
  await dialog.getByRole('button', { name: 'Assign' }).click();
  await expect(reader).toHaveURL(run);
  await reader.getByRole('link', { name: 'Assigned to me' }).click();
  await expect(reader.getByRole('link', { name: /^Assign WEB-C/ })).toHaveCount(1);
  await plain.close();
});

test('cases that are assigned to the user are on the dashboard until they are tested', async ({ page }) => {
  const testware = await start(page);
  const run = page.url();
  await testware.row('Pay by card').getByRole('link', { name: 'Assign WEB-C1' }).click();
  const dialog = page.getByRole('dialog', { name: 'Assign WEB-C1' });
  await dialog.getByLabel('Assignee').selectOption({ index: 1 });
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Assign' }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('link', { name: 'Dashboard' }).click();
  const assigned = page.getByRole('region', { name: 'Assigned to me' });
  await expect(assigned.getByRole('listitem')).toHaveCount(1);
  await expectAccessible(page);
  await assigned.getByRole('link', { name: 'Pay by card' }).click();
  await expect(page).toHaveURL(`${run}?mine=true`);
  await hydrated(page);
  await expect(page.getByRole('link', { name: 'Pay by invoice' })).toHaveCount(0);
  await testware.addResult('Pay by card', 'Passed', 'As it should');
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await expect(assigned).toContainText('No cases to test.');
});
