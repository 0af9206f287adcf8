// CI jobs: started in the browser, reported by CI over the API, followed live, and completed by hand.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

const REPORT = `<testsuite name="cart">
  <testcase classname="cart.CartTest" name="adds"/>
  <testcase classname="cart.CartTest" name="removes"><failure message="expected 1, got 2"/></testcase>
</testsuite>`;

async function start(page: Page): Promise<Testware> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/ci-jobs');
  return new Testware(page, project);
}

/** The path of the job on the page, in the API. */
function apiPath(page: Page): string {
  return `/api/v1/ci-jobs/${new URL(page.url()).pathname.split('/').at(-1)}`;
}

test('a CI job is started with parameters and followed live', async ({ page }) => {
  const testware = await start(page);
  await expect(page.getByText('No CI jobs yet')).toBeVisible();
  await testware.startCiJob('Nightly checkout tests', 'main', 'BROWSER=firefox\n\nSHARDS = 4\n');
  const job = apiPath(page);
  const head = page.locator('.page-head');
  await expect(head.getByText('Queued', { exact: true })).toBeVisible();
  await expect(testware.row('BROWSER')).toContainText('firefox');
  await expect(testware.row('SHARDS')).toContainText('4');
  await expectAccessible(page);
  await new LivePage(page).expectLive();

  const running = { status: 'running', url: 'https://ci.example/7', commit: '4f2a91c' };
  expect((await page.request.patch(job, { data: running })).ok()).toBe(true);
  await expect(head.getByText('Running', { exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Open in CI' })).toHaveAttribute('href', 'https://ci.example/7');
  await expect(page.getByText('4f2a91c')).toBeVisible();

  const runs = `/api/v1/projects/${testware.project.id}/automation-runs?name=main`;
  const answer = await page.request.post(runs, { data: REPORT, headers: { 'content-type': 'application/xml' } });
  const run = (await answer.json()) as { id: string };
  const outcome = { outcome: 'failed', automationRunId: run.id };
  expect((await page.request.post(`${job}/complete`, { data: outcome })).ok()).toBe(true);
  await expect(head.getByText('Failed', { exact: true })).toBeVisible();
  await expect(page.getByText('1 passed, 1 failed').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Complete CI job' })).toHaveCount(0);
  await expectAccessible(page);

  await testware.list('CI jobs');
  await expect(testware.row('WEB-J1')).toContainText('Failed');
  await page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: 'Queued' }).click();
  await expect(page.getByText('WEB-J1')).toHaveCount(0);
  await page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: 'Failed' }).click();
  await page.getByRole('link', { name: 'Nightly checkout tests' }).click();
  await hydrated(page);
  await page.getByRole('link', { name: 'main', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'main' })).toBeVisible();
});

test.describe('with a wrong value', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('a wrong parameter is named at its field', async ({ page }) => {
    await start(page);
    await page.getByRole('link', { name: 'Start CI job' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Start CI job' });
    await dialog.getByLabel('Name').fill('Nightly');
    await dialog.getByLabel('Parameters').fill('BROWSER=firefox\nfirefox');
    await dialog.getByRole('button', { name: 'Start CI job' }).click();
    await expect(dialog.getByText('Line 2 has no =. Write one KEY=value per line.').first()).toBeVisible();
    await expect(dialog.getByLabel('Parameters')).toBeFocused();
    await expectAccessible(page);
    await dialog.getByLabel('Parameters').fill('BROWSER=firefox');
    await dialog.getByRole('button', { name: 'Start CI job' }).click();
    await expect(page.getByRole('heading', { name: 'Nightly', level: 1 })).toBeVisible();
  });
});

test('a CI job that never reports is completed by hand', async ({ page }) => {
  const testware = await start(page);
  await testware.startCiJob('Lost', '', '');
  await page.getByRole('link', { name: 'Complete CI job' }).click();
  const dialog = page.getByRole('dialog', { name: 'Complete this CI job?' });
  await expect(dialog.getByLabel('Outcome')).toHaveValue('cancelled');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Complete CI job' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator('.page-head').getByText('Cancelled', { exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Complete CI job' })).toHaveCount(0);
});
