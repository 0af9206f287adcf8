// The pause of all webhooks: its banner, and resuming one by one and all at once.
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues } from '../support/work.js';
import type { Page } from '@playwright/test';

async function start(page: Page, endpoint: string, names: string[]): Promise<ProjectPage> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  for (const name of names) await project.createOutbound(name, `${endpoint}/hook`);
  return project;
}

async function openPause(page: Page): Promise<void> {
  await page.goto('/admin/webhook-pause');
  await hydrated(page);
}

/** Clicks a button and the same one in the dialog that asks. */
async function confirm(page: Page, action: string): Promise<void> {
  await page.getByRole('button', { name: action }).click();
  const dialog = page.getByRole('dialog', { name: `${action}?` });
  await expectAccessible(page);
  await dialog.getByRole('button', { name: action }).click();
  await expect(dialog).toBeHidden();
}

const banner = (page: Page) => page.getByRole('status', { name: 'Webhook pause' });

test('a banner shows the pause on every page', async ({ page, receiver, context }) => {
  const project = await start(page, receiver.url, ['CI trigger']);
  const other = await context.newPage();
  await other.goto(`/projects/${project.id}/issues`);
  await hydrated(other);
  await expect(banner(other)).toBeEmpty();
  await openPause(page);
  await expectAccessible(page);
  await confirm(page, 'Pause all webhooks');
  await expect(banner(page)).toContainText('All webhooks are paused by');
  await expect(banner(other)).toContainText('Events are held until the webhooks are resumed.');
  await expectAccessible(page);
  for (const path of ['/', '/account', `/projects/${project.id}/cases`, '/admin/people']) {
    await page.goto(path);
    await expect(banner(page)).toContainText('All webhooks are paused');
  }
  await project.open('/settings/webhooks');
  const card = page.getByRole('article', { name: 'CI trigger' });
  await expect(card).toContainText('Paused');
  await expect(card).toContainText('All webhooks are paused. Events are held until this one is resumed.');
  await banner(page).getByRole('link', { name: 'Manage the pause' }).click();
  await expect(page.getByRole('heading', { name: 'Webhook pause' })).toBeVisible();
  await confirm(page, 'Resume all webhooks');
  await expect(banner(page)).toBeEmpty();
  await expect(banner(other)).toBeEmpty();
});

test('webhooks are resumed one by one and all at once, live in another tab', async ({ page, receiver, context }) => {
  const project = await start(page, receiver.url, ['CI trigger', 'Chat']);
  await openPause(page);
  await confirm(page, 'Pause all webhooks');
  await page.request.post(`/api/v1/projects/${project.id}/issues`, { data: { title: 'Held' } });
  await page.reload();
  await hydrated(page);
  const rows = page.getByRole('row').filter({ has: page.getByRole('button', { name: /^Resume webhook/ }) });
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('Checkout web');
  const other = await context.newPage();
  await openPause(other);
  await expect(other.getByRole('button', { name: /^Resume webhook/ })).toHaveCount(2);
  await page.getByRole('button', { name: 'Resume webhook: Chat' }).click();
  await expect(rows).toHaveCount(1);
  await receiver.waitFor(1);
  for (const tab of [page, other]) {
    await expect(tab.getByText('1 active webhook waits.')).toBeVisible();
    await expect(tab.getByRole('button', { name: /^Resume webhook/ })).toHaveCount(1);
  }
  await confirm(page, 'Resume all webhooks');
  await expect(page.getByRole('heading', { name: 'Webhooks are running' })).toBeVisible();
  await receiver.waitFor(2);
});

test('a disabled webhook shows as disabled during the pause', async ({ page, receiver }) => {
  receiver.answer = () => ({ status: 410 });
  const project = await start(page, receiver.url, ['Gone']);
  await makeIssues(page, project.id, ['One']);
  await project.open('/settings/webhooks');
  const badge = page.getByRole('button', { name: 'Health of Gone: Disabled' });
  await expect(badge).toBeVisible();
  await project.createOutbound('CI trigger', `${receiver.url}/hook`);
  await openPause(page);
  await confirm(page, 'Pause all webhooks');
  await project.open('/settings/webhooks');
  await expect(page.getByRole('button', { name: 'Health of CI trigger: Paused' })).toBeVisible();
  await expect(badge).toBeVisible();
});
