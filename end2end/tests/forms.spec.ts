// Without JavaScript, and with the keyboard only.
import { hydrated, signIn, signInByForm } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { WebhooksPage } from '../pages/webhooks.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { ADMIN } from '../support/server.js';
import { makeIssues } from '../support/work.js';
import type { Locator, Page } from '@playwright/test';

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a user signs in, creates a project and an issue, and sees the list', async ({ page }) => {
    await signInByForm(page);
    await page.getByRole('link', { name: 'New project' }).click();
    await page.getByLabel('Name').fill('Plain');
    await page.getByLabel('Key').fill('PLAIN');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.goto('/');
    await page.getByRole('link', { name: 'Plain', exact: true }).click();
    await page.getByRole('link', { name: 'Issues', exact: true }).click();
    await page.getByRole('link', { name: 'New issue' }).first().click();
    await page.getByLabel('Title').fill('Works without a script');
    await page.getByRole('button', { name: 'Create issue' }).click();
    await page.goto(page.url().replace(/[?#].*$/, ''));
    await expect(page.getByText('Works without a script').first()).toBeVisible();
  });
});

test('a wrong password doesn’t reveal whether the account exists', async ({ page }) => {
  for (const email of [ADMIN.email, 'nobody@example.com']) {
    await page.goto('/sign-in');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill('not the password at all');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).not.toBeEmpty();
    await expect(page.getByLabel('Email')).toHaveValue(email);
    await expect(page.getByLabel('Password')).toHaveValue('');
  }
});

test('a project is created with the keyboard only', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('Email').focus();
  await page.keyboard.type(ADMIN.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Projects' })).toBeVisible();
  await hydrated(page);
  await page.getByRole('link', { name: 'New project' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'New project' });
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.getByRole('link', { name: 'New project' }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Tab');
  await page.keyboard.type('KEYS');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Dashboard', exact: true })).toBeVisible();
});

test('a dialog that is reopened while it closes is open', async ({ page }) => {
  await signInByForm(page);
  await hydrated(page);
  await page.getByRole('link', { name: 'New project' }).click();
  const dialog = page.getByRole('dialog', { name: 'New project' });
  await expect(dialog.getByLabel('Name')).toBeFocused();
  // Fast, but before the browser's `close` event, which is a separate task.
  const order = await dialog.evaluate(async (element: HTMLDialogElement) => {
    const order: string[] = [];
    const closeEvent = new Promise((resolve) => element.addEventListener('close', resolve, { once: true }));
    void closeEvent.then(() => order.push('close event'));
    element.requestClose();
    for (let hop = 0; hop < 20; hop += 1) await null;
    order.push(element.open ? 'open' : 'closed');
    document.querySelector<HTMLElement>('a[href="?new=project"]')?.click();
    order.push('asked for');
    await closeEvent;
    return order;
  });
  expect(order).toEqual(['closed', 'asked for', 'close event']);
  await expect(dialog.getByLabel('Name')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page).not.toHaveURL(/new=project/);
});

test('saving a form keeps what another user changed meanwhile', async ({ page, context }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await makeIssues(page, project.id, ['Total is wrong']);
  await project.open('/issues');
  await page.getByRole('link', { name: 'Total is wrong' }).click();
  await expect(page.getByRole('heading', { name: 'Total is wrong' })).toBeVisible();
  const other = await context.newPage();
  await other.goto(page.url());
  await hydrated(other);
  for (const tab of [page, other]) await tab.getByRole('link', { name: 'Edit issue' }).click();
  const form = (tab: Page): Locator => tab.getByRole('dialog', { name: 'Edit issue' });
  const [mine, theirs] = [form(page), form(other)];
  await expect(mine.getByLabel('Title')).toHaveValue('Total is wrong');
  await theirs.getByLabel('Title').fill('Total is wrong on Safari');
  await theirs.getByRole('button', { name: 'Save' }).click();
  await expect(theirs).toBeHidden();
  await mine.getByLabel('Labels').fill('money');
  await mine.getByRole('button', { name: 'Save' }).click();
  await expect(mine).toBeHidden();
  await expect(page.getByText('money', { exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Total is wrong on Safari' })).toBeVisible();
});

test.describe('the focus', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('moves to the first invalid field of a refused form, and back to the menu of a closed dialog', async ({ page, receiver }) => {
    await signIn(page);
    const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
    await project.createOutbound('CI trigger', `${receiver.url}/hook`);
    const webhooks = new WebhooksPage(project);
    await webhooks.press('CI trigger', 'Edit webhook');
    const dialog = page.getByRole('dialog', { name: 'Edit webhook' });
    await dialog.getByLabel('Name').fill('x'.repeat(200));
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true');
    await expect(dialog.getByLabel('Name')).toBeFocused();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('button', { name: 'More actions for CI trigger' })).toBeFocused();
  });
});

test.describe('several invalid fields', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('are counted above the form', async ({ page }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.open();
    await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add outbound webhook' });
    await dialog.getByLabel('Name').fill('x'.repeat(200));
    await dialog.getByLabel('URL').fill('ftp://example.com/hook');
    await dialog.getByRole('checkbox', { name: 'All issue events' }).check();
    await dialog.getByRole('button', { name: 'Add webhook' }).click();
    await expect(dialog.getByRole('alert').first()).toHaveText('Fix 2 fields');
    await expectAccessible(page);
  });
});

test('the account menu closes on a click elsewhere, on a link and on Escape', async ({ page }) => {
  await signInByForm(page);
  await hydrated(page);
  const menu = page.locator('details.account');
  const closers = [
    () => page.getByRole('heading', { name: 'Projects' }).click(),
    () => menu.getByRole('link', { name: 'API tokens' }).click(),
    () => page.keyboard.press('Escape'),
  ];
  for (const close of closers) {
    await menu.locator('summary').click();
    await expect(menu).toHaveAttribute('open');
    await close();
    await expect(menu).not.toHaveAttribute('open');
  }
  await expect(menu.locator('summary')).toBeFocused();
});

test.describe('when the server is unreachable', () => {
  test.use({ expectedErrors: [/ERR_FAILED/] });

  test('a subscription is saved at once, and a failure reverts it', async ({ page, receiver, server }) => {
    await signIn(page);
    const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
    await project.createOutbound('CI trigger', `${receiver.url}/hook`);
    const webhooks = new WebhooksPage(project);
    await webhooks.showEvents('CI trigger');
    await webhooks.openSubject('Cases');
    const box = page.getByRole('checkbox', { name: 'case.created' });
    const saved = webhooks.saved();
    await box.check();
    await saved;
    await page.reload();
    await hydrated(page);
    await webhooks.showEvents('CI trigger');
    await expect(box).toBeChecked();
    await page.route('**/ui/**', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
    await box.click();
    await expect(page.getByText(/Not saved/)).toBeVisible();
    await expect(box).toBeChecked();
    expect(server.log).not.toContain('panicked');
  });
});
