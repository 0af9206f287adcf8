// Cases, runs and sessions: created, edited, completed, and updated live in another browser.
import type { Page } from '@playwright/test';
import { hydrated, signIn, signInByForm } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { ADMIN } from '../support/server.js';
import { expect, expectAccessible, test } from '../support/test.js';

async function start(page: Page): Promise<Testware> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/cases');
  return new Testware(page, project);
}

async function createIssue(page: Page, title: string): Promise<void> {
  await page.getByRole('link', { name: 'Issues', exact: true }).click();
  await page.getByRole('link', { name: 'New issue' }).first().click();
  await page.getByLabel('Title').fill(title);
  await page.getByRole('button', { name: 'Create issue' }).click();
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
}

test.describe('with a deletion', () => {
  // The page may read the run once more after its deletion.
  test.use({ expectedErrors: [/status of 404/] });

  test('a run is completed while a second browser follows', async ({ browser, page, server, watch }) => {
    const testware = await start(page);
    await createIssue(page, 'Card payment fails');
    await testware.createCase('Pay by card', [{ action: 'Enter the card', expected: 'It is accepted' }], 'Critical');
    await expect(page.getByText('WEB-C1')).toBeVisible();
    await testware.createCase('Pay by invoice');
    await testware.createCase('Refund');
    await testware.createRun('Release 1', 'Pay by');
    await expect(testware.row('Pay by card')).toContainText('Untested');
    await expect(testware.row('Pay by invoice')).toContainText('Untested');
    await expect(page.getByRole('row').filter({ hasText: 'Refund' })).toHaveCount(0);

    const second = await browser.newContext({ baseURL: server.url });
    watch(second);
    const watcher = await second.newPage();
    await signIn(watcher);
    await watcher.goto(page.url());
    await hydrated(watcher);
    await new LivePage(watcher).expectLive();
    await watcher.evaluate(() => Object.assign(window, { notReloaded: true }));

    await testware.addResult('Pay by card', 'Failed', 'The bank says no', 'Card payment fails');
    await expect(page.getByText('1 failed, 1 untested')).toBeVisible();
    await expect(watcher.getByText('1 failed, 1 untested')).toBeVisible();
    await expect(watcher.getByRole('row').filter({ hasText: 'Pay by card' }).first()).toContainText('Failed');
    const result = watcher.getByRole('row').filter({ hasText: 'The bank says no' });
    await expect(result).toContainText('2 min 30 s');
    await result.getByRole('button', { name: 'Card payment fails' }).click();
    await expect(watcher.getByRole('link', { name: 'Card payment fails' })).toBeVisible();
    await watcher.keyboard.press('Escape');

    await page.getByRole('combobox', { name: 'State' }).selectOption('In review');
    await expect(watcher.getByRole('combobox', { name: 'State' })).toHaveValue('in_review');
    await testware.confirm('Complete');
    await expect(watcher.getByText(/Read-only/)).toBeVisible();
    await expect(watcher.getByRole('link', { name: /^Add result/ })).toHaveCount(0);
    await page.getByRole('button', { name: 'More actions' }).click();
    await expect(page.getByRole('link', { name: /^Edit/ })).toHaveCount(0);
    await page.keyboard.press('Escape');
    expect(await watcher.evaluate(() => 'notReloaded' in window), 'nothing was loaded again').toBe(true);

    await testware.list('Test runs');
    await expect(testware.row('Release 1')).toContainText('Completed');
    await page.getByRole('navigation', { name: 'Completion' }).getByRole('link', { name: 'Open' }).click();
    await expect(page.getByText('No test runs match these filters')).toBeVisible();

    await page.getByRole('link', { name: 'Issues', exact: true }).click();
    await page.getByRole('link', { name: 'Card payment fails' }).click();
    await expect(testware.row('The bank says no')).toContainText('WEB-R1');
    await page.getByRole('link', { name: 'WEB-R1' }).click();
    await testware.act('Duplicate');
    await expect(page.getByText('WEB-R2')).toBeVisible();
    await expect(page.getByText('2 untested')).toBeVisible();
    await testware.confirm('Delete');
    await expect(page.getByRole('heading', { name: 'Test runs', exact: true })).toBeVisible();
    await expect(page.getByRole('row').filter({ hasText: 'WEB-R2' })).toHaveCount(0);
    await expect(testware.row('WEB-R1')).toBeVisible();
    await second.close();
  });
});

test('the cases of a run can be changed without losing others', async ({ page }) => {
  const testware = await start(page);
  for (const title of ['Alpha', 'Beta', 'Gamma']) await testware.createCase(title);
  await testware.createRun('Two of three', 'a');
  await expect(page.getByText('3 untested')).toBeVisible();
  await testware.act('Edit');
  const dialog = page.getByRole('dialog', { name: 'Edit test run' });
  await expect(dialog.getByText('3 selected')).toBeVisible();
  await dialog.getByRole('checkbox', { name: 'Beta' }).uncheck();
  await dialog.getByRole('searchbox', { name: 'Search cases' }).fill('nothing is called this');
  await expect(dialog.getByText('No matches')).toBeVisible();
  await expect(dialog.getByRole('checkbox', { name: 'Alpha' })).toBeChecked();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('2 untested')).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Beta' })).toHaveCount(0);
});

test('a case gets automation links, and is archived', async ({ page }) => {
  const testware = await start(page);
  for (const title of ['Alpha', 'Beta']) await testware.createCase(title);
  await testware.act('Edit');
  const dialog = page.getByRole('dialog', { name: 'Edit case' });
  await dialog.getByLabel('Automation links').fill('cart.CartTest.adds\ntests/cart.spec.ts › adds');
  await dialog.getByLabel('State').selectOption('Archived');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Archived', { exact: true })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'cart' })).toHaveText(['cart.CartTest.adds', 'tests/cart.spec.ts › adds']);
  await expectAccessible(page);
  await testware.list('Cases');
  await expect(testware.row('Alpha')).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Beta' })).toHaveCount(0);
  await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: 'Archived' }).click();
  await expect(testware.row('Beta')).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Alpha' })).toHaveCount(0);
});

test('a session keeps its charter, time box and results', async ({ page }) => {
  const testware = await start(page);
  await testware.createSession('Cart session', 'Explore the cart with odd numbers', 90);
  await expect(page.getByText('WEB-S1')).toBeVisible();
  await expect(page.getByText('1 h 30 min', { exact: true })).toBeVisible();
  await testware.addResult(undefined, 'Failed', 'Minus one apple is free');
  await expect(page.getByText('1 failed', { exact: true })).toBeVisible();
  await testware.act('Edit');
  const dialog = page.getByRole('dialog', { name: 'Edit session' });
  await dialog.getByLabel('Time box (min)').fill('');
  await dialog.getByLabel('Charter').fill('Explore the cart');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('1 h 30 min', { exact: true })).toHaveCount(0);
  await expect(page.getByText('Explore the cart', { exact: true })).toBeVisible();
});

test('a retest differs without color: its share is hatched and its icon its own', async ({ page }) => {
  const testware = await start(page);
  for (const title of ['Alpha', 'Beta']) await testware.createCase(title);
  await testware.createRun('Release 1', 'a');
  await testware.addResult('Alpha', 'Retest', 'Again, please');
  await testware.addResult('Beta', 'Blocked', 'No network');
  const progress = page.locator('.card .progress');
  await expect(progress).toContainText('1 blocked, 1 retest');
  await expect(progress.locator('.retest')).toHaveCSS('fill', 'url("#hatch")');
  await expect(page.locator('pattern#hatch rect')).toHaveCount(2);
  const symbol = (comment: string) =>
    page.getByRole('row').filter({ hasText: comment }).locator('.st use').getAttribute('href');
  expect(await symbol('Again, please')).not.toBe(await symbol('No network'));
  await expectAccessible(page);
});

test('the search and filters of cases are in the URL', async ({ page }) => {
  const testware = await start(page);
  await testware.createCase('Pay by card', [], 'Critical');
  await testware.createCase('Refund', [], 'Low');
  await testware.list('Cases');
  await page.getByRole('navigation', { name: 'Priority' }).getByRole('link', { name: 'Critical' }).click();
  await expect(page).toHaveURL(/priority=critical/);
  await expect(page.getByRole('row').filter({ hasText: 'Refund' })).toHaveCount(0);
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole('row').filter({ hasText: 'Pay by card' })).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Refund' })).toHaveCount(0);
  await page.getByRole('navigation', { name: 'Priority' }).getByRole('link', { name: 'All' }).click();
  await page.getByRole('searchbox', { name: 'Search' }).fill('refund');
  await expect(page).toHaveURL(/search=refund/);
  await expect(page.getByRole('row').filter({ hasText: 'Pay by card' })).toHaveCount(0);
  await expect(page.getByRole('row').filter({ hasText: 'Refund' })).toBeVisible();
});

test('a case is created, its steps moved, and a result added with the keyboard only', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('Email').focus();
  await page.keyboard.type(ADMIN.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Projects' })).toBeVisible();
  const testware = new Testware(page, await ProjectPage.create(page, 'Keys', 'KEYS'));
  await testware.project.open('/cases');
  await page.getByRole('link', { name: 'New case' }).first().focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'New case' });
  await expect(dialog.getByLabel('Title')).toBeFocused();
  await page.keyboard.type('By keyboard');
  for (let tab = 0; tab < 5; tab++) await page.keyboard.press('Tab');
  await expect(dialog.getByRole('group', { name: 'Step 1' }).getByLabel('Action')).toBeFocused();
  await page.keyboard.type('first');
  await dialog.getByRole('button', { name: 'Add step' }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('group', { name: 'Step 2' }).getByLabel('Action')).toBeFocused();
  await page.keyboard.type('second');
  await dialog.getByRole('button', { name: 'Move step 2 up' }).focus();
  await page.keyboard.press('Enter');
  // It is first now and can't move further up, so the focus is on the opposite button.
  await expect(dialog.getByRole('button', { name: 'Move step 1 down' })).toBeFocused();
  await expect(dialog.getByRole('group', { name: 'Step 1' }).getByLabel('Action')).toHaveValue('second');
  await dialog.getByRole('button', { name: 'Create case' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'By keyboard' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: /^(first|second)$/ })).toHaveText(['second', 'first']);

  await testware.createRun('Keyboard run', 'keyboard');
  await page.getByRole('link', { name: 'Add result to KEYS-C1' }).focus();
  await page.keyboard.press('Enter');
  const result = page.getByRole('dialog', { name: 'Add result to KEYS-C1' });
  await expect(result.getByRole('radio', { name: 'Passed' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(result.getByRole('radio', { name: 'Failed' })).toBeChecked();
  await page.keyboard.press('Tab');
  await page.keyboard.type('seen by keyboard');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(result).toBeHidden();
  await expect(page.getByText('1 failed', { exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Add result to KEYS-C1' })).toBeFocused();
});

test.describe('refused changes', () => {
  // The browser logs every error response.
  test.use({ expectedErrors: [/status of 422/] });

  test('a case with results stays in its run, and the form says why', async ({ page }) => {
    const testware = await start(page);
    await testware.createCase('Alpha');
    await testware.createRun('One', 'Alpha');
    await testware.addResult('Alpha', 'Passed', 'fine');
    await testware.act('Edit');
    const dialog = page.getByRole('dialog', { name: 'Edit test run' });
    await dialog.getByRole('checkbox', { name: 'Alpha' }).uncheck();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByRole('group', { name: 'Cases' }).getByRole('alert')).toContainText(/result/);
    await dialog.getByRole('link', { name: 'Cancel' }).click();
    await expect(dialog).toBeHidden();
    await expect(testware.row('Alpha')).toContainText('Passed');
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('cases, runs and sessions are listed, created and changed', async ({ page }) => {
    await signInByForm(page);
    await page.getByRole('link', { name: 'New project' }).click();
    await page.getByLabel('Name').fill('Plain');
    await page.getByLabel('Key').fill('PLAIN');
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.goto('/');
    await page.getByRole('link', { name: 'Plain', exact: true }).click();

    await page.getByRole('link', { name: 'Cases', exact: true }).click();
    await page.getByRole('link', { name: 'New case' }).first().click();
    await page.getByLabel('Title').fill('Works without a script');
    await page.getByLabel('Action').fill('Send the form');
    await page.getByRole('button', { name: 'Create case' }).click();
    await expect(page.getByText('PLAIN-C1')).toBeVisible();
    await expect(page.getByText('Send the form')).toBeVisible();
    await page.getByRole('link', { name: 'Edit case' }).click();
    await page.getByLabel('Expected').fill('It is kept');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('It is kept')).toBeVisible();
    await expect(page.getByText('Send the form')).toBeVisible();
    await page.getByRole('link', { name: 'Cases', exact: true }).first().click();
    await expect(page.getByRole('link', { name: 'Works without a script' })).toBeVisible();
    await page.getByRole('link', { name: 'Critical' }).click();
    await expect(page.getByText('No cases match these filters')).toBeVisible();

    await page.getByRole('link', { name: 'Test runs', exact: true }).click();
    await page.getByRole('link', { name: 'New test run' }).first().click();
    await page.getByLabel('Name').fill('Plain run');
    await expect(page.locator('.item-picker noscript'), 'says what needs a script').toBeVisible();
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('heading', { name: 'Plain run' })).toBeVisible();
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('link', { name: 'Edit test run' }).click();
    await page.getByRole('dialog').getByLabel('State').selectOption('Done');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('dd').filter({ hasText: 'Done' })).toBeVisible();

    await page.getByRole('link', { name: 'Sessions', exact: true }).click();
    await page.getByRole('link', { name: 'New session' }).first().click();
    await page.getByLabel('Name').fill('Plain session');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('link', { name: 'Add result' }).click();
    await page.getByLabel('Comment', { exact: true }).fill('Found without a script');
    await page.getByRole('button', { name: 'Add result' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'Found without a script' })).toContainText('Passed');
    await page.getByRole('link', { name: 'Sessions', exact: true }).first().click();
    await expect(page.getByRole('row').filter({ hasText: 'Plain session' })).toContainText('1 passed');
  });
});
