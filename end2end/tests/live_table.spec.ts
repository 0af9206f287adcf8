// A filtered list follows changes: the server decides which rows match.
import { signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { expect, test } from '../support/test.js';
import type { Page } from '@playwright/test';

async function send(page: Page, method: 'POST' | 'PATCH' | 'DELETE', path: string, data?: object): Promise<{ id: string }> {
  const answer = await page.request.fetch(`/api/v1${path}`, { method, data });
  expect(answer.ok(), await answer.text()).toBe(true);
  return method === 'DELETE' ? { id: '' } : ((await answer.json()) as { id: string });
}

test('an issue that no longer matches the filters leaves the list', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const create = (title: string) => send(page, 'POST', `/projects/${project.id}/issues`, { title });
  const rename = (issue: { id: string }, title: string) => send(page, 'PATCH', `/issues/${issue.id}`, { title });
  const payment = await create('Card payment fails');
  const total = await create('Card total is wrong');
  const refund = await create('Refund is late');
  await project.open('/issues?search=card');
  const live = new LivePage(page);
  await live.expectLive();
  const titles = page.getByRole('row').getByRole('link', { name: /fails|wrong|late/ });
  await expect(titles).toHaveText(['Card total is wrong', 'Card payment fails']);

  await rename(payment, 'Payment fails');
  await expect(titles).toHaveText(['Card total is wrong']);
  await rename(refund, 'Card refund is late');
  await expect(titles).toHaveText(['Card refund is late', 'Card total is wrong']);
  await send(page, 'DELETE', `/issues/${total.id}`);
  await expect(titles).toHaveText(['Card refund is late']);
  await rename(refund, 'Refund is late');
  await expect(page.getByText('No issues match these filters')).toBeVisible();
  await expect(titles).toHaveCount(0);
});

test('a case that no longer has the selected priority leaves the list', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const create = (title: string) => send(page, 'POST', `/projects/${project.id}/cases`, { title, priority: 'critical' });
  const pay = await create('Pay by card');
  await create('Pay by invoice');
  await project.open('/cases?priority=critical');
  await new LivePage(page).expectLive();
  const titles = page.getByRole('row').getByRole('link', { name: /^Pay by/ });
  await expect(titles).toHaveText(['Pay by invoice', 'Pay by card']);
  await send(page, 'PATCH', `/cases/${pay.id}`, { priority: 'low' });
  await expect(titles).toHaveText(['Pay by invoice']);
});

test('a row under the pointer stays there while newer rows arrive', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const create = (title: string) => send(page, 'POST', `/projects/${project.id}/issues`, { title });
  for (const number of Array.from({ length: 20 }, (_, index) => index + 1)) await create(`Issue ${number}`);
  await project.open('/issues');
  await new LivePage(page).expectLive();
  const row = page.getByRole('row').filter({ hasText: 'Issue 15' });
  await row.hover();
  const before = await row.boundingBox();
  await create('Arrives later');
  await expect(page.getByRole('row').filter({ hasText: 'Arrives later' })).toHaveCount(1);
  await expect.poll(async () => (await row.boundingBox())!.y).toBeCloseTo(before!.y, 0);
});
