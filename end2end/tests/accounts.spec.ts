// Accounts: a user's own, all users for system admins, and revoked access.
import type { BrowserContext, Page } from '@playwright/test';
import { hydrated, signIn, signInByForm } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { ADMIN } from '../support/server.js';
import { expect, expectAccessible, test } from '../support/test.js';

const NEW_PASSWORD = 'another horse of battery';

/** Invites a user to the current project, who accepts in another browser. */
async function join(page: Page, other: BrowserContext, project: ProjectPage, name: string): Promise<Page> {
  await project.open('/settings/members');
  const email = `${name.toLowerCase()}@example.com`;
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Create invite link' }).click();
  const panel = page.getByRole('dialog').filter({ hasText: /You won't see/ });
  const link = await panel.locator('code').first().textContent();
  await panel.getByRole('button').last().click();
  const member = await other.newPage();
  await member.goto(link!);
  await member.getByLabel('Name').fill(name);
  await member.getByLabel('Password').fill(NEW_PASSWORD);
  await member.getByRole('button', { name: 'Accept invite' }).click();
  await expect(member.getByRole('heading', { name: 'Dashboard', exact: true })).toBeVisible();
  return member;
}

// A password that is refused on purpose.
test.use({ expectedErrors: [/status of 422/] });

test('a user changes profile and password and ends other sessions', async ({ page, browser, server, watch }) => {
  await signInByForm(page);
  const other = await browser.newContext({ baseURL: server.url });
  watch(other);
  const elsewhere = await other.newPage();
  await signInByForm(elsewhere);
  await page.goto('/account');
  await hydrated(page);
  await page.getByLabel('Name').fill('Ada Renamed');
  const emails = page.getByRole('checkbox', { name: 'Email me when a webhook is disabled or works again' });
  await expect(emails).toBeChecked();
  await emails.uncheck();
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Profile saved' })).toBeVisible();
  await expect(page.locator('.sidebar')).toContainText('Ada Renamed');
  await page.reload();
  await hydrated(page);
  await expect(emails).not.toBeChecked();
  const sessions = page.getByRole('row').filter({ hasText: 'Chrome' });
  await expect(sessions).toHaveCount(2);
  await page.getByLabel('Current password').fill(ADMIN.password);
  await page.getByLabel('New password').fill('password1234');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('too easy to guess')).toBeVisible();
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Password changed' })).toBeVisible();
  await expect(sessions).toHaveCount(1);
  await elsewhere.reload();
  await expect(elsewhere.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await signInByForm(elsewhere, ADMIN.email, NEW_PASSWORD);
  await other.close();
});

test('a system admin deactivates a user and creates a reset link', async ({ page, browser, server, watch }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const other = await browser.newContext({ baseURL: server.url });
  watch(other);
  const member = await join(page, other, project, 'Mel');
  await page.goto('/admin/people');
  await hydrated(page);
  await page.getByRole('button', { name: 'Reset password: Mel' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Reset password' })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Reset password' }).click();
  const link = await page.getByRole('dialog').filter({ hasText: /You won't see/ }).locator('code').textContent();
  await member.goto(link!);
  await expectAccessible(member);
  await member.getByLabel('New password').fill('yet another long password');
  await member.getByRole('button', { name: 'Set password' }).click();
  await expect(member.getByRole('heading', { name: 'Projects' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Deactivate: Mel' }).click();
  await dialog.getByRole('button', { name: 'Deactivate' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Mel' })).toContainText('Deactivated');
  await member.reload();
  await expect(member.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('cell').filter({ hasText: 'Account deactivated' })).toBeVisible();
  await other.close();
});

test('an owner transfers a project', async ({ page, browser, server, watch }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const other = await browser.newContext({ baseURL: server.url });
  watch(other);
  await join(page, other, project, 'Mel');
  await project.open('/settings/members');
  await page.getByRole('button', { name: /^Transfer ownership/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New owner').selectOption('Mel');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Transfer ownership' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Mel' })).toContainText('Owner');
  await other.close();
});

test.describe('without access', () => {
  test.use({ expectedErrors: [/status of 404/] });

  test('a page of a project shows that, and no actions', async ({ page }) => {
    await signIn(page);
    for (const path of ['issues', 'runs']) {
      await page.goto(`/projects/prj_01m8q31bksep48my9snn49q2fe/${path}`);
      await hydrated(page);
      await expect(page.getByRole('heading', { name: 'Not found' })).toBeVisible();
      await expect(page.getByRole('link', { name: /^New / })).toHaveCount(0);
      await expect(page.getByRole('searchbox')).toHaveCount(0);
    }
  });
});
