// Imports of test cases from files, and the export.
import { readFile } from 'node:fs/promises';
import { signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

test.use({ expectedErrors: [/status of 422/] });

const CSV = [
  'What,Area,Steps,Expected Result,Priority',
  'Pay by card,Shop > Checkout,"1. Open the cart\n2. Pay","1. It opens\n2. It is paid",High',
  '"=HYPERLINK(""https://example.com"")",Shop,Look,,',
].join('\n');

test('a table is imported with another mapping, and exported again', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/cases');
  await page.getByRole('link', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Import test cases', level: 1 })).toBeVisible();
  await expectAccessible(page);

  const main = page.getByRole('main');
  await main.getByLabel('File').setInputFiles({ name: 'cases.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
  await main.getByRole('button', { name: 'Preview' }).click();
  // Nothing says which column has the titles.
  await expect(main.getByText('Choose the column that has the titles.')).toBeVisible();
  await expect(main.getByRole('button', { name: 'Import 0 test cases' })).toBeDisabled();
  await main.getByLabel('What What becomes').selectOption('Title');
  await main.getByLabel('What Area becomes').selectOption('Suite');
  await main.getByRole('button', { name: 'Update preview' }).click();
  await expect(main.getByText('CSV: 2 test cases, 3 steps, 2 new suites')).toBeVisible();
  const row = main.getByRole('row').filter({ hasText: 'Pay by card' }).last();
  await expect(row).toContainText('Shop › Checkout');
  await row.getByText('2 steps').click();
  await expect(row).toContainText('Open the cart → It opens');
  await expectAccessible(page);

  await main.getByRole('button', { name: 'Import 2 test cases' }).click();
  await expect(main.getByRole('heading', { name: 'Latest imports' })).toBeVisible();
  const latest = main.getByRole('listitem').filter({ hasText: 'cases.csv' });
  await expect(latest).toContainText('Completed');
  await expect(latest).toContainText('2 test cases and 2 new suites');
  await expect(latest.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '2');
  await expectAccessible(page);

  await page.getByRole('link', { name: 'All test cases' }).click();
  const testware = new Testware(page, project);
  await expect(testware.row('Pay by card')).toContainText('High');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export CSV' }).click();
  const exported = await readFile(await (await download).path(), 'utf8');
  expect(exported).toContain('Shop > Checkout');
  expect(exported, 'no spreadsheet runs it').toContain(`"'=HYPERLINK(`);
  await testware.row('Pay by card').getByRole('link').first().click();
  await expect(page.locator('.case-steps')).toContainText('It is paid');
});

test('a file with errors is not imported, and says in which rows', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/import');
  const main = page.getByRole('main');
  const file = 'ID,Title,Priority\n1,Pay,purple\n2,,\n';
  await main.getByLabel('File').setInputFiles({ name: 'bad.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
  await main.getByRole('button', { name: 'Preview' }).click();
  await expect(main.getByRole('heading', { name: '1 error, 1 warning' })).toBeVisible();
  await expect(main.getByText('The title is missing.')).toBeVisible();
  await expect(main.getByRole('button', { name: 'Import 1 test case' })).toBeDisabled();
  await expectAccessible(page);

  await main.getByLabel('Format').selectOption('TestRail (XML)');
  await expect(main.getByText('The title is missing.')).toBeHidden();
  await main.getByRole('button', { name: 'Preview' }).click();
  await expect(main.getByRole('alert')).toContainText('This is no TestRail (XML) file.');
});
