// Reviews of test cases, and the history of a case.
import type { Browser, BrowserContext, Locator, Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import type { Server } from '../support/server.js';
import { expect, expectAccessible, test } from '../support/test.js';

interface Team {
  testware: Testware;
  project: ProjectPage;
  /** The browser of Grace, a member. */
  grace: Page;
}

/** A project with a case, whose page is open, and a second member in another browser. */
async function start(page: Page, browser: Browser, server: Server, watch: (context: BrowserContext) => void): Promise<Team> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const invited = await page.request.post(`/api/v1/projects/${project.id}/invites`, {
    data: { email: 'grace@example.com', role: 'member' },
  });
  expect(invited.status(), await invited.text()).toBe(201);
  const { url } = (await invited.json()) as { url: string };
  const context = await browser.newContext({ baseURL: server.url });
  watch(context);
  const grace = await context.newPage();
  await grace.goto(url);
  await grace.getByLabel('Name').fill('Grace');
  await grace.getByLabel('Password').fill('another horse of battery');
  await grace.getByRole('button', { name: 'Accept invite' }).click();
  await expect(grace.getByRole('heading', { name: 'Dashboard', exact: true })).toBeVisible();
  await project.open('/cases');
  const testware = new Testware(page, project);
  await testware.createCase('Pay by card', [{ action: 'Open the cart' }, { action: 'Pay', expected: 'It works' }]);
  return { testware, project, grace };
}

/** Proposes another title for the case whose page is open. */
async function propose(page: Page, title: string, caseTitle: string): Promise<void> {
  await page.getByRole('link', { name: 'Propose change' }).click();
  const dialog = page.getByRole('dialog', { name: 'Propose change' });
  await dialog.getByLabel('Review title').fill(title);
  await dialog.getByRole('checkbox', { name: 'Grace' }).check();
  await dialog.getByLabel('Case title').fill(caseTitle);
  await dialog.getByRole('button', { name: 'Propose change' }).click();
  await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
}

function status(page: Page): Locator {
  return page.locator('.page-head .badge');
}

test('two members review a change of a case until it is merged', async ({ page, browser, server, watch }) => {
  const { testware, grace } = await start(page, browser, server, watch);
  await propose(page, 'Vouchers', 'Pay by voucher');
  await expect(status(page)).toHaveText('Open');
  await expect(page.locator('.diff ins')).toContainText('voucher');
  await expect(page.locator('.diff del')).toContainText('card');
  await expect(page.locator('.reviewers').getByRole('listitem')).toContainText('Pending');
  await expect(page.getByRole('button', { name: 'Approve' }), 'the author does not decide').toHaveCount(0);
  await expectAccessible(page);

  await grace.goto(page.url());
  await hydrated(grace);
  await new LivePage(grace).expectLive();
  await grace.getByLabel('Your comment').fill('Which voucher?');
  await grace.getByRole('button', { name: 'Request changes' }).click();
  for (const view of [grace, page]) {
    await expect(status(view)).toHaveText('Changes requested');
    await expect(view.locator('.comments').getByRole('listitem')).toContainText('Which voucher?');
  }
  await expectAccessible(grace);

  await testware.act('Edit');
  const edit = page.getByRole('dialog', { name: 'Edit review' });
  await expect(edit.getByLabel('Case title')).toHaveValue('Pay by voucher');
  await edit.getByLabel('Case title').fill('Pay by gift voucher');
  await edit.getByRole('button', { name: 'Save changes' }).click();
  await expect(edit).toBeHidden();
  for (const view of [page, grace]) {
    await expect(status(view)).toHaveText('Open');
    await expect(view.locator('.diff ins')).toContainText('gift voucher');
  }

  await expect(page.getByRole('button', { name: 'Merge review' })).toHaveCount(0);
  await grace.getByRole('button', { name: 'Approve' }).click();
  await expect(status(page)).toHaveText('Approved');
  await page.getByRole('button', { name: 'Merge review' }).click();
  for (const view of [page, grace]) {
    await expect(status(view)).toHaveText('Merged');
    await expect(view.getByRole('button', { name: 'Decline review' })).toHaveCount(0);
  }
  await expect(grace.getByRole('button', { name: 'Approve' })).toHaveCount(0);
  await page.getByRole('link', { name: /^WEB-C1/ }).click();
  await expect(page.getByRole('heading', { name: 'Pay by gift voucher', level: 1 })).toBeVisible();
  await expect(testware.row('Vouchers')).toContainText('Merged');
  await grace.context().close();
});

test('a review is declined and reopened', async ({ page, browser, server, watch }) => {
  const { testware, grace } = await start(page, browser, server, watch);
  await propose(page, 'Vouchers', 'Pay by voucher');
  await page.getByRole('button', { name: 'Decline review' }).click();
  await expect(status(page)).toHaveText('Declined');
  await page.getByRole('button', { name: 'Reopen review' }).click();
  await expect(status(page)).toHaveText('Open');
  const reviewers = page.locator('.reviewers');
  await reviewers.getByRole('button', { name: 'Remove reviewer Grace' }).click();
  await expect(reviewers.getByText(/^None yet/)).toBeVisible();
  await reviewers.getByLabel('New reviewer').selectOption('Grace');
  await reviewers.getByRole('button', { name: 'Add reviewer' }).click();
  await expect(reviewers.getByRole('listitem')).toContainText('Grace');

  await testware.list('Reviews');
  await expect(testware.row('Vouchers')).toContainText('WEB-C1');
  await page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: 'Declined' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Vouchers' })).toHaveCount(0);
  await page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name: 'Open' }).click();
  await expect(testware.row('Vouchers')).toBeVisible();
  await expectAccessible(page);
  await grace.context().close();
});

test('a reviewer decides without JavaScript', async ({ page, browser, server, watch }) => {
  const { grace } = await start(page, browser, server, watch);
  await propose(page, 'Vouchers', 'Pay by voucher');
  const storageState = await grace.context().storageState();
  const plain = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false, storageState });
  watch(plain);
  const reader = await plain.newPage();
  await reader.goto(page.url());
  await reader.getByLabel('Your comment').fill('Fine');
  await reader.getByRole('button', { name: 'Approve' }).click();
  await expect(status(reader)).toHaveText('Approved');
  await expect(reader.locator('.comments').getByRole('listitem')).toContainText('Fine');
  await reader.getByRole('button', { name: 'Merge review' }).click();
  await expect(status(reader)).toHaveText('Merged');
  await plain.close();
  await grace.context().close();
});

test('the history of a case opens on its page', async ({ page, browser, server, watch }) => {
  const { testware, grace } = await start(page, browser, server, watch);
  const history = page.locator('.history');
  await expect(history.getByRole('listitem')).toHaveCount(0);
  await page.getByRole('link', { name: 'Show history' }).click();
  await expect(history.getByRole('listitem')).toContainText('created the case');
  await testware.act('Edit');
  const edit = page.getByRole('dialog', { name: 'Edit case' });
  await edit.getByLabel('Title').fill('Pay by voucher');
  await edit.getByRole('group', { name: 'Step 2', exact: true }).getByLabel('Action').fill('Pay twice');
  await edit.getByRole('button', { name: 'Save changes' }).click();
  await expect(edit).toBeHidden();
  // Saving leads to the page of the case, without what was open.
  await page.getByRole('link', { name: 'Show history' }).click();
  const latest = history.locator('li.card').first();
  await expect(latest).toContainText('changed title, steps');
  await expect(latest.locator('ins').last()).toContainText('twice');
  await expect(latest).toContainText('Step 2 changed');
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Hide history' }).click();
  await expect(history.getByRole('listitem')).toHaveCount(0);
  await grace.context().close();
});
