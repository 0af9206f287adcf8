// Bulk edit: several test cases are selected in the list and changed at once.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

/** A project with cases, and its list of cases. */
async function listOf(page: Page, titles: string[]): Promise<{ project: ProjectPage; testware: Testware }> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  for (const title of titles) {
    await page.request.post(`/api/v1/projects/${project.id}/cases`, { data: { title, labels: ['ui'] } });
  }
  await page.request.post(`/api/v1/projects/${project.id}/suites`, { data: { name: 'Payment' } });
  await project.open('/cases');
  await hydrated(page);
  return { project, testware: new Testware(page, project) };
}

test('selected cases are changed at once', async ({ page }) => {
  const { testware } = await listOf(page, ['Pay by card', 'Pay by voucher', 'Refund']);
  const bar = page.getByRole('group', { name: 'Selection' });
  const all = page.getByRole('checkbox', { name: 'Select all on this page' });
  // By keyboard alone.
  await page.getByRole('checkbox', { name: 'Select WEB-C1 Pay by card' }).focus();
  await page.keyboard.press('Space');
  await expect(bar.getByRole('status')).toHaveText('1 selected');
  await expect(all).not.toBeChecked();
  await all.check();
  await expect(bar.getByRole('status')).toHaveText('3 selected');
  await page.getByRole('checkbox', { name: 'Select WEB-C3 Refund' }).uncheck();
  await expect(bar.getByRole('status')).toHaveText('2 selected');
  await expectAccessible(page);

  await bar.getByRole('button', { name: 'Edit cases' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit 2 cases' });
  await dialog.getByLabel('Priority').selectOption('Critical');
  await expect(dialog.getByLabel('Suite')).toHaveValue('keep');
  await dialog.getByLabel('Suite').selectOption('Payment');
  await dialog.getByLabel('Add labels').fill('smoke, slow');
  await dialog.getByLabel('Remove labels').fill('ui');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('2 cases changed')).toBeVisible();
  await expect(dialog).toBeHidden();
  await expect(bar).toBeHidden();
  for (const title of ['Pay by card', 'Pay by voucher']) {
    await expect(testware.row(title)).toContainText('Critical');
    await expect(testware.row(title)).toContainText('smoke');
    await expect(testware.row(title)).not.toContainText('ui');
  }
  await expect(testware.row('Refund')).toContainText('Medium');
  await testware.row('Pay by card').getByRole('link', { name: 'Pay by card' }).click();
  await expect(page.locator('dl.card')).toContainText('Payment');
});

test('selected cases are archived and deleted', async ({ page }) => {
  const { testware } = await listOf(page, ['Pay by card', 'Pay by voucher', 'Refund']);
  const bar = page.getByRole('group', { name: 'Selection' });
  await page.getByRole('checkbox', { name: 'Select WEB-C1 Pay by card' }).check();
  await page.getByRole('checkbox', { name: 'Select WEB-C2 Pay by voucher' }).check();
  await bar.getByRole('button', { name: 'Archive cases' }).click();
  await expect(page.getByText('2 cases changed')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Pay by card' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Archived' }).click();
  await expect(testware.row('Pay by voucher')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Select WEB-C2 Pay by voucher' }).check();
  await expect(bar.getByRole('button', { name: 'Reactivate cases' })).toBeVisible();
  await bar.getByRole('button', { name: 'Delete cases' }).click();
  const confirm = page.getByRole('dialog', { name: 'Delete 1 case?' });
  await expectAccessible(page);
  await confirm.getByRole('button', { name: 'Delete 1 case' }).click();
  await expect(page.getByText('1 case deleted')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Pay by voucher' })).toHaveCount(0);
  await expect(testware.row('Pay by card')).toBeVisible();
});

test('a selection is kept over the pages of the list', async ({ page }) => {
  const titles = Array.from({ length: 51 }, (_, n) => `Case ${n + 1}`);
  await listOf(page, titles);
  const bar = page.getByRole('group', { name: 'Selection' });
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await expect(bar.getByRole('status')).toHaveText('50 selected');
  await page.getByRole('link', { name: 'Next' }).click();
  await page.getByRole('checkbox', { name: 'Select WEB-C1 Case 1', exact: true }).check();
  await expect(bar.getByRole('status')).toHaveText('51 selected');
  await bar.getByRole('button', { name: 'Clear selection' }).click();
  await expect(bar).toBeHidden();
  await expect(page.getByRole('checkbox', { name: 'Select WEB-C1 Case 1', exact: true })).not.toBeChecked();
});
