// Automation runs: reported over the API, followed live, filtered, and led to their cases.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

const REPORT = `<testsuite name="cart">
  <testcase classname="cart.CartTest" name="adds" time="0.25"/>
  <testcase classname="cart.CartTest" name="removes" time="1.5"><failure message="expected 1, got 2">CartTest.java:42</failure></testcase>
  <testcase classname="cart.CartTest" name="empties"><skipped/></testcase>
</testsuite>`;

async function report(page: Page, path: string, body = REPORT): Promise<{ id: string }> {
  const answer = await page.request.post(`/api/v1${path}`, { data: body, headers: { 'content-type': 'application/xml' } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as { id: string };
}

test('a report appears live, and its failures lead to their cases', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/cases');
  const testware = new Testware(page, project);
  await testware.createCase('Remove an item');
  await testware.act('Edit');
  const dialog = page.getByRole('dialog', { name: 'Edit case' });
  await dialog.getByLabel('Automation links').fill('cart.CartTest.removes');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();

  await testware.list('Automation runs');
  await page.getByRole('link', { name: 'New automation run' }).first().click();
  await expect(page.getByRole('dialog', { name: 'New automation run' })).toContainText('testbell ci report');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await new LivePage(page).expectLive();
  const { id } = await report(page, `/projects/${project.id}/automation-runs?name=main&complete=false`);
  await expect(testware.row('WEB-A1')).toContainText('1 passed, 1 failed, 1 skipped');
  await page.getByRole('link', { name: 'main', exact: true }).click();
  await hydrated(page);
  await expect(testware.row('removes')).toContainText('Failed');
  await expect(testware.row('removes')).toContainText('1.5 s');
  await report(page, `/automation-runs/${id}/reports`, '<testsuite><testcase name="pays"/></testsuite>');
  await expect(testware.row('pays')).toContainText('Passed');
  await testware.confirm('Complete');
  await expect(page.getByText('Completed', { exact: true }).first()).toBeVisible();

  await page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: 'Failed' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'pays' })).toHaveCount(0);
  await testware.row('removes').getByText('Details').click();
  await expect(page.getByText('expected 1, got 2')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'WEB-C1' }).click();
  await expect(page.getByRole('heading', { name: 'Remove an item' })).toBeVisible();
});
