// Shared steps: steps that several test cases use.
import { signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

test('a case uses a shared step, which is changed in one place', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const testware = new Testware(page, project);
  await project.open('/shared-steps');
  await expect(page.getByText('No shared steps yet')).toBeVisible();
  await testware.createSharedStep('Sign in', ['Open the shop', 'Sign in']);
  await expect(page.getByText('No test case uses these steps yet.')).toBeVisible();
  await expectAccessible(page);

  await testware.list('Cases');
  await page.getByRole('link', { name: 'New case' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New case' });
  await dialog.getByLabel('Title').fill('Pay by card');
  const choice = dialog.getByLabel('Shared step', { exact: true });
  await choice.selectOption('WEB-H1 Sign in');
  await dialog.getByRole('button', { name: 'Add shared step' }).click();
  await expect(dialog.getByRole('group', { name: 'Step 1' })).toContainText('WEB-H1 Sign in');
  await expect(dialog.getByRole('button', { name: 'Remove step 1' })).toBeFocused();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add step' }).click();
  await dialog.getByRole('group', { name: 'Step 2' }).getByLabel('Action').fill('Pay');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Pay by card', level: 1 })).toBeVisible();
  const steps = page.locator('.case-steps').first();
  await expect(steps).toContainText('Open the shop');
  await expect(steps).toContainText('Pay');
  await expectAccessible(page);

  // An edit of the case keeps the shared step.
  await testware.act('Edit');
  const edit = page.getByRole('dialog', { name: 'Edit case' });
  await expect(edit.getByRole('group', { name: 'Step 1' })).toContainText('WEB-H1 Sign in');
  await edit.getByLabel('Title').fill('Pay by credit card');
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Pay by credit card', level: 1 })).toBeVisible();
  await page.getByRole('link', { name: 'Sign in', exact: true }).click();
  await expect(testware.row('Pay by credit card')).toBeVisible();

  await testware.act('Edit');
  const shared = page.getByRole('dialog', { name: 'Edit shared step' });
  await shared.getByRole('group', { name: 'Step 1' }).getByLabel('Action').fill('Open the new shop');
  await shared.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.case-steps')).toContainText('Open the new shop');
  await testware.row('Pay by credit card').getByRole('link').click();
  await expect(page.locator('.case-steps').first()).toContainText('Open the new shop');
});

test('a deleted shared step leaves its steps in its cases', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/shared-steps');
  const testware = new Testware(page, project);
  await testware.createSharedStep('Sign in', ['Open the shop']);
  const sharedPage = page.url();
  const steps = [{ sharedStepId: sharedPage.split('/').at(-1) }];
  const created = await page.request.post(`/api/v1/projects/${project.id}/cases`, { data: { title: 'Pay', steps } });
  const { id } = (await created.json()) as { id: string };
  await expect(testware.row('Pay')).toBeVisible();
  await testware.confirm('Delete');
  await page.goto(`/projects/${project.id}/cases/${id}`);
  await expect(page.locator('.case-steps')).toHaveText('Open the shop');
});
