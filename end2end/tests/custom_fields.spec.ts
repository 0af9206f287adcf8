// Custom fields: what a team adds to its test cases.
import { signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

test('a case has values for the custom fields of its project', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const testware = new Testware(page, project);
  await project.open('/custom-fields');
  await expect(page.getByText('No custom fields yet')).toBeVisible();
  await testware.createCustomField('Browser', 'Choice', ['Chrome', 'Firefox']);
  await expectAccessible(page);
  await testware.createCustomField('Minutes', 'Number');
  await testware.createCustomField('Reviewed', 'Checkbox');
  await testware.createCustomField('Owner', 'Person');
  await testware.list('Custom fields');
  await expect(testware.row('Browser')).toContainText('Choice');
  await expect(testware.row('Browser')).toContainText('Chrome, Firefox');

  await testware.list('Cases');
  await page.getByRole('link', { name: 'New case' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New case' });
  await dialog.getByLabel('Title').fill('Pay by card');
  await dialog.getByText('Custom fields', { exact: true }).click();
  await dialog.getByLabel('Browser').selectOption('Firefox');
  await dialog.getByLabel('Minutes').fill('2.5');
  await dialog.getByLabel('Reviewed').selectOption('Yes');
  const owner = await dialog.getByLabel('Owner').locator('option').nth(1).textContent();
  await dialog.getByLabel('Owner').selectOption({ index: 1 });
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Pay by card', level: 1 })).toBeVisible();
  const facts = page.locator('dl.card');
  const value = (name: string) => facts.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd[1]');
  await expect(value('Browser')).toHaveText('Firefox');
  await expect(value('Minutes')).toHaveText('2.5');
  await expect(value('Reviewed')).toHaveText('Yes');
  await expect(value('Owner')).toHaveText(owner!);

  await testware.act('Edit');
  const edit = page.getByRole('dialog', { name: 'Edit case' });
  await expect(edit.getByLabel('Browser')).toHaveValue('Firefox');
  await edit.getByLabel('Browser').selectOption('None');
  await edit.getByLabel('Minutes').fill('3');
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(value('Minutes')).toHaveText('3');
  await expect(facts.locator('dt', { hasText: 'Browser' })).toHaveCount(0);
  await expect(value('Owner')).toHaveText(owner!);
});
