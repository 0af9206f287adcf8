// Test plans and suites: what groups runs and cases.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

async function start(page: Page, list: string): Promise<Testware> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open(`/${list}`);
  return new Testware(page, project);
}

test('runs are added to a plan, which shows their progress', async ({ page }) => {
  const testware = await start(page, 'plans');
  await expect(page.getByText('No test plans yet')).toBeVisible();
  await testware.createPlan('All browsers');
  await expect(page.getByText('None yet. Add a test run, or choose this plan in one.')).toBeVisible();
  const plan = page.url();
  await page.getByRole('link', { name: 'New test run' }).click();
  const dialog = page.getByRole('dialog', { name: 'New test run' });
  await expect(dialog.getByLabel('Test plan')).toHaveValue(/^pln_/);
  await dialog.getByLabel('Name').fill('Firefox');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Firefox' })).toBeVisible();
  await page.getByRole('link', { name: 'All browsers' }).click();
  await expect(page).toHaveURL(plan);
  await expect(testware.row('Firefox')).toContainText('New');
  await expectAccessible(page);

  await testware.act('Edit');
  const edit = page.getByRole('dialog', { name: 'Edit test plan' });
  await edit.getByLabel('Name').fill('Every browser');
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Every browser' })).toBeVisible();
  await testware.confirm('Complete');
  await expect(page.getByText(/^Completed .*Read-only\.$/)).toBeVisible();
  await expect(page.getByRole('link', { name: 'New test run' })).toHaveCount(0);
});

test('suites are a tree that follows live changes and can be dragged', async ({ browser, page, server, watch }) => {
  const testware = await start(page, 'suites');
  await expect(page.getByText('No suites yet')).toBeVisible();
  await testware.createSuite('Checkout');
  await testware.createSuite('Payment', 'Checkout');
  await testware.createSuite('Cards', 'Checkout / Payment');
  await testware.list('Suites');
  const tree = page.getByRole('navigation', { name: 'Suites' });
  const cards = tree.getByRole('listitem').filter({ hasText: 'Payment' }).last().getByRole('link', { name: /Cards/ });
  await expect(cards).toBeVisible();
  await expectAccessible(page);

  const second = await browser.newContext({ baseURL: server.url });
  watch(second);
  const watcher = await second.newPage();
  await signIn(watcher);
  await watcher.goto(page.url());
  await hydrated(watcher);
  await new LivePage(watcher).expectLive();
  await tree.getByRole('link', { name: /Cards/ }).dragTo(tree.getByRole('link', { name: /Checkout/ }));
  for (const view of [page, watcher]) {
    const moved = view.getByRole('navigation', { name: 'Suites' });
    await expect(moved.getByRole('listitem').filter({ hasText: 'Payment' }).last()).not.toContainText('Cards');
    await expect(moved).toContainText('Cards');
  }
  await second.close();
});

test('a case is created in a suite, and moves up when that is deleted', async ({ page }) => {
  const testware = await start(page, 'suites');
  await testware.createSuite('Checkout');
  await page.getByRole('link', { name: 'New case' }).click();
  const dialog = page.getByRole('dialog', { name: 'New case' });
  await expect(dialog.getByLabel('Suite')).toHaveValue(/^sui_/);
  await dialog.getByLabel('Title').fill('Pay by card');
  await dialog.getByRole('button', { name: 'Create case' }).click();
  await expect(page.getByRole('heading', { name: 'Pay by card' })).toBeVisible();
  await page.getByRole('link', { name: 'Checkout', exact: true }).click();
  await expect(testware.row('Pay by card')).toBeVisible();
  await expectAccessible(page);
  await testware.act('Duplicate');
  await expect(page.getByText('WEB-U2').first()).toBeVisible();
  await expect(testware.row('Pay by card')).toContainText('WEB-C2');
  await testware.confirm('Delete');
  await expect(page.getByRole('heading', { name: 'Suites', level: 1 })).toBeVisible();
  await testware.list('Cases');
  await testware.row('WEB-C2').getByRole('link', { name: 'Pay by card' }).click();
  await expect(page.getByRole('heading', { name: 'Pay by card' })).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: 'Checkout' })).toHaveCount(0);
});
