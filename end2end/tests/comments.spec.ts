// Comments on issues and testware.
import { hydrated, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

test('a comment is added, changed and deleted, and followed live', async ({ browser, page, server, watch }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/cases');
  await new Testware(page, project).createCase('Pay by card');
  const second = await browser.newContext({ baseURL: server.url });
  watch(second);
  const watcher = await second.newPage();
  await signIn(watcher);
  await watcher.goto(page.url());
  await hydrated(watcher);
  await new LivePage(watcher).expectLive();
  await expect(watcher.getByText('No comments yet.')).toBeVisible();

  const text = page.getByLabel('New comment');
  await text.fill('See **this**, @Ada');
  await page.getByRole('button', { name: 'Add comment' }).click();
  const comments = page.locator('.comments');
  await expect(comments.getByRole('listitem')).toContainText('See this, @Ada');
  await expect(comments.locator('strong')).toHaveText('this');
  await expect(text).toHaveValue('');
  await expect(text, 'for the next comment').toBeFocused();
  const watched = watcher.locator('.comments');
  await expect(watched.getByRole('listitem')).toHaveCount(1);
  await expectAccessible(page);

  const menu = comments.getByRole('button', { name: /^Actions of the comment by/ });
  await menu.click();
  await comments.getByRole('link', { name: 'Edit comment' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit comment' });
  await expect(dialog.getByLabel('Comment')).toHaveValue('See **this**, @Ada');
  await dialog.getByLabel('Comment').fill('Never mind');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog).toBeHidden();
  for (const view of [comments, watched]) await expect(view.getByRole('listitem')).toContainText('edited');
  await expect(watched.getByRole('listitem')).toContainText('Never mind');

  await menu.click();
  await comments.getByRole('button', { name: 'Delete comment' }).click();
  const confirm = page.getByRole('dialog', { name: 'Delete this comment?' });
  await confirm.getByRole('button', { name: 'Delete comment' }).click();
  for (const view of [page, watcher]) await expect(view.getByText('No comments yet.')).toBeVisible();
  await second.close();
});

test('an issue has comments, also added without JavaScript', async ({ browser, page, server, watch }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const created = await page.request.post(`/api/v1/projects/${project.id}/issues`, { data: { title: 'Bank is down' } });
  const { id } = (await created.json()) as { id: string };
  const plain = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false, storageState: await page.context().storageState() });
  watch(plain);
  const reader = await plain.newPage();
  await reader.goto(`/projects/${project.id}/issues/${id}`);
  await reader.getByLabel('New comment').fill('Since ten');
  await reader.getByRole('button', { name: 'Add comment' }).click();
  await expect(reader.locator('.comments').getByRole('listitem')).toContainText('Since ten');
  await plain.close();
});
