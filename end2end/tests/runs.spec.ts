// Runs of whole suites, and what is left to do in a run.
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { expect, expectAccessible, test } from '../support/test.js';

test('a suite is tested in a run, whose cases are filtered by status', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const create = async (what: string, data: object) =>
    (await page.request.post(`/api/v1/projects/${project.id}/${what}`, { data })).json();
  const shop = await create('suites', { name: 'Shop' });
  const payment = await create('suites', { name: 'Payment', parentId: shop.id });
  const steps = [{ action: 'Open the cart', expected: 'It shows the total' }];
  const pay = await create('cases', { title: 'Pay by card', suiteId: payment.id, preconditions: 'A card', steps });
  await create('cases', { title: 'Browse', suiteId: shop.id });
  await create('cases', { title: 'Elsewhere' });

  await project.open(`/suites/${shop.id}`);
  await page.getByRole('link', { name: 'New test run' }).click();
  const dialog = page.getByRole('dialog', { name: 'New test run' });
  await expect(dialog.getByLabel('All cases of a suite').locator('option:checked')).toHaveText('Shop');
  await dialog.getByLabel('Name').fill('Shop');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Create test run' }).click();
  await expect(page.getByRole('heading', { name: 'Shop', level: 1 })).toBeVisible();
  const cases = page.locator('table.run-cases .title');
  await expect(cases).toHaveText(['Pay by card', 'Browse']);

  await page.getByRole('link', { name: `Add result to ${pay.key}` }).click();
  const result = page.getByRole('dialog', { name: `Add result to ${pay.key}` });
  await expect(result.getByRole('region', { name: 'Test case' })).toContainText('A card');
  await expect(result.getByRole('listitem')).toContainText(['Open the cart']);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(result).toBeHidden();

  const run = new URL(page.url()).pathname.split('/').pop();
  await page.request.post(`/api/v1/runs/${run}/results`, { data: { caseId: pay.id, status: 'failed' } });
  const statuses = page.getByRole('navigation', { name: 'Status' });
  await statuses.getByRole('link', { name: 'Failed' }).click();
  await expect(cases).toHaveText(['Pay by card']);
  await expectAccessible(page);
  await hydrated(page);
  // The case leaves the filtered list when its status changes.
  await page.request.post(`/api/v1/runs/${run}/results`, { data: { caseId: pay.id, status: 'passed' } });
  await expect(page.getByText('No cases with this status.')).toBeVisible();
  await statuses.getByRole('link', { name: 'Untested' }).click();
  await expect(cases).toHaveText(['Browse']);
  await statuses.getByRole('link', { name: 'Any status' }).click();
  await expect(cases).toHaveText(['Pay by card', 'Browse']);
});
