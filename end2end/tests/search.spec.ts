// The search over a project, which also leads to its pages.
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

test('the search leads to an item and to a page, by keyboard alone', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/dashboard');
  const testware = new Testware(page, project);
  await testware.createCase('Pay by card', [{ action: 'Pay' }]);
  await testware.createPlan('Pay on all browsers');
  await hydrated(page);
  const dialog = page.getByRole('dialog', { name: 'Search' });
  await expect(async () => {
    await page.keyboard.press('Control+k');
    await expect(dialog).toBeVisible({ timeout: 500 });
  }).toPass();
  const box = dialog.getByRole('combobox');
  await expect(box).toBeFocused();
  await expect(dialog.getByRole('option').first()).toHaveText('Dashboard');
  await box.fill('pay');
  await expect(dialog.getByRole('option')).toHaveText([/WEB-C1 Pay by card/, /WEB-P1 Pay on all browsers/]);
  await expect(dialog.getByRole('status')).toHaveText('2 results');
  await expectAccessible(page);
  await page.keyboard.press('ArrowDown');
  await expect(dialog.getByRole('option').nth(1)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Pay on all browsers', level: 1 })).toBeVisible();
  await expect(dialog).toBeHidden();

  await page.getByRole('button', { name: 'Search' }).click();
  await box.fill('miles');
  await expect(dialog.getByRole('option').first()).toHaveText('Milestones');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Milestones', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Search' }).click();
  await box.fill('no such thing');
  await expect(dialog.getByText('No matches')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});
