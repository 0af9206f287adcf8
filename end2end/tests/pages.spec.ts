// What all pages share: the head with its actions, menus, the top bar, and how a page loads and fails.
import { signIn, signInByForm } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues } from '../support/work.js';

const LONG = 'Pay by card with a voucher that expires while the bank asks for the code, on a phone without network';

test('an item has one action and a menu, which the keyboard opens', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/cases');
  await new Testware(page, project).createCase('Pay by card');
  const head = page.getByRole('main').locator('header.page-head');
  await expect(head.getByRole('link')).toHaveText(['Edit case']);
  await expect(head.getByRole('button')).toHaveCount(1);
  await expect(page.getByRole('navigation', { name: 'Breadcrumb' })).toContainText('WEB-C1');
  const more = head.getByRole('button', { name: 'More actions' });
  const [duplicate, remove] = [head.getByRole('button', { name: 'Duplicate case' }), head.getByRole('button', { name: 'Delete case' })];
  await more.focus();
  await page.keyboard.press('ArrowDown');
  await expect(duplicate).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press('ArrowDown');
  await expect(remove).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(duplicate).toBeFocused();
  await page.keyboard.press('End');
  await expect(remove).toBeFocused();
  await page.keyboard.press('Home');
  await expect(duplicate).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(more).toBeFocused();
  await expect(remove).toBeHidden();
});

test('the top bar names the project, and rows are compact, on a narrow screen', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await signInByForm(page);
  await expect(page.getByRole('banner')).toContainText('Testbell');
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await makeIssues(page, project.id, [LONG]);
  await project.open('/issues');
  await expect(page.getByRole('banner')).toContainText('Checkout web');
  const row = page.getByRole('row').filter({ hasText: LONG });
  await expect(row.getByRole('link')).toHaveAttribute('title', LONG);
  const height = await row.evaluate((element) => element.getBoundingClientRect().height);
  expect(height, 'two lines').toBeLessThan(80);
});

test.describe('when the server is unreachable', () => {
  test.use({ expectedErrors: [/net::ERR_|Failed to fetch/] });

  test('a list that fails to load names what failed', async ({ page }) => {
    await signIn(page);
    const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
    await project.open('/cases');
    await page.route('**/ui/issues/list**', (route) => route.abort());
    await page.getByRole('link', { name: 'Issues', exact: true }).click();
    await expect(page.getByRole('alert').filter({ hasText: "Couldn't load issues" })).toBeVisible();
    await expectAccessible(page);
    await page.unroute('**/ui/issues/list**');
    await page.getByRole('link', { name: 'Try again' }).click();
    await expect(page.getByText('No issues yet')).toBeVisible();
  });

  test('a list keeps its columns while it loads', async ({ page }) => {
    await signIn(page);
    const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
    await makeIssues(page, project.id, ['Total is wrong']);
    await project.open('/cases');
    let answer = (): void => {};
    const waiting = new Promise<void>((done) => (answer = done));
    await page.route('**/ui/issues/list**', async (route) => {
      await waiting;
      await route.continue();
    });
    await page.getByRole('link', { name: 'Issues', exact: true }).click();
    await expect(page.getByRole('status').filter({ hasText: 'Loading' })).toHaveCount(1);
    const edges = () =>
      page.locator('main thead th').evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().x)));
    const before = await edges();
    expect(before).toHaveLength(4);
    answer();
    await expect(page.getByRole('link', { name: 'Total is wrong' })).toBeVisible();
    expect(await edges()).toEqual(before);
  });

  test('the notice of lost updates stands next to the title', async ({ page, server }) => {
    await signIn(page);
    const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
    await project.open('/issues');
    const live = new LivePage(page);
    await live.expectLive();
    const title = page.getByRole('heading', { name: 'Issues', exact: true });
    const before = await title.boundingBox();
    await server.kill();
    await live.expectPaused();
    const [head, notice] = [await title.boundingBox(), await live.notice.getByRole('paragraph').boundingBox()];
    expect(head, 'nothing moves').toEqual(before);
    expect(notice!.x).toBeGreaterThan(head!.x + head!.width);
    expect(Math.abs(notice!.y + notice!.height / 2 - head!.y - head!.height / 2)).toBeLessThan(4);
  });
});
