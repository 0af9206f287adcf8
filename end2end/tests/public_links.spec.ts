// Public links of test runs: shared, opened without signing in, revoked.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

/** Creates a run with a failed case; leads to its page. */
async function start(page: Page): Promise<void> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/cases');
  const testware = new Testware(page, project);
  await testware.createCase('Pay by card');
  await testware.createRun('Release 1', 'Pay');
  await testware.addResult('Pay by card', 'Failed', 'Not for everybody');
}

async function openDialog(page: Page) {
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('link', { name: 'Share public link' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share public link' });
  await expect(dialog).toBeVisible();
  return dialog;
}

test.describe('until the link is revoked', () => {
  test.use({ expectedErrors: [/status of 404/] });

  test('anyone with the public link of a run sees its progress', async ({ browser, page, server, watch }) => {
    await start(page);
    const second = await browser.newContext({ baseURL: server.url });
    watch(second);
    const member = await second.newPage();
    await signIn(member);
    await member.goto(page.url());
    await hydrated(member);
    await new LivePage(member).expectLive();

    const dialog = await openDialog(page);
    await expect(dialog).toContainText('without signing in');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Create link' }).click();
    await expect(dialog.getByRole('button', { name: 'Copy the link' })).toBeFocused();
    const url = (await dialog.locator('code').textContent()) ?? '';
    expect(url).toMatch(/\/public\/runs\/pub_[\w-]{43}$/);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    const badge = (view: Page) => view.getByText('Public', { exact: true });
    for (const view of [page, member]) await expect(badge(view)).toBeVisible();

    const anyone = await browser.newContext({ baseURL: server.url });
    watch(anyone);
    const visitor = await anyone.newPage();
    await visitor.goto(url);
    await hydrated(visitor);
    await expect(visitor).toHaveTitle('WEB-R1 Release 1 · Testbell');
    await expect(visitor.getByRole('heading', { name: 'Release 1' })).toBeVisible();
    await expect(visitor.locator('.progress')).toContainText('1 failed');
    await expect(visitor.getByRole('row').filter({ hasText: 'Pay by card' })).toContainText('Failed');
    await expect(visitor.getByText('Not for everybody')).toHaveCount(0);
    await expect(visitor.getByRole('navigation')).toHaveCount(0);
    await expectAccessible(visitor);
    expect(await anyone.cookies()).toEqual([]);

    const again = await openDialog(page);
    await expect(again.locator('code')).toHaveText(url);
    await again.getByRole('button', { name: 'Revoke link' }).click();
    await expect(again).toBeHidden();
    for (const view of [page, member]) await expect(badge(view)).toHaveCount(0);
    expect((await visitor.reload())?.status()).toBe(404);
    await expect(visitor.getByRole('heading', { name: 'Not found' })).toBeVisible();
    await Promise.all([second.close(), anyone.close()]);
  });

  test('a run is shared and its public page works without JavaScript', async ({ browser, page, server, watch }) => {
    await start(page);
    const run = page.url();
    const plain = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false, storageState: await page.context().storageState() });
    const anyone = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false });
    [plain, anyone].forEach(watch);
    const [member, visitor] = [await plain.newPage(), await anyone.newPage()];
    await member.goto(`${run}?share=link`);
    await member.getByRole('button', { name: 'Create link' }).click();
    await expect(member).toHaveURL(`${run}?share=link`);
    const url = (await member.getByRole('dialog', { name: 'Share public link' }).locator('code').textContent()) ?? '';
    await visitor.goto(url);
    await expect(visitor.getByRole('row').filter({ hasText: 'Pay by card' })).toContainText('Failed');
    await page.request.patch(`/api/v1/runs/${run.split('/').at(-1)}`, { data: { name: 'Release 2' } });
    await visitor.getByRole('link', { name: 'Reload' }).click();
    await expect(visitor.getByRole('heading', { name: 'Release 2' })).toBeVisible();
    await member.getByRole('button', { name: 'Revoke link' }).click();
    await expect(member).toHaveURL(run);
    expect((await visitor.reload())?.status()).toBe(404);
    await Promise.all([plain.close(), anyone.close()]);
  });
});

test('the public page of a run loads only its own code', async ({ page }) => {
  await start(page);
  const run = new URL(page.url()).pathname.split('/').at(-1);
  const created = await page.request.post(`/api/v1/runs/${run}/public-link`);
  const { url } = (await created.json()) as { url: string };
  const html = await (await page.request.get(url)).text();
  const chunks = [...html.matchAll(/href="([^"]*\/split_(\w+)\.wasm)"/g)].map(([, , name]) => name);
  expect(chunks).toContain('public_run');
  expect(chunks).not.toContain('frame');
});
