// Files that are attached to results.
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const result = (page: Page) =>
  page
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: 'Results' }) })
    .getByRole('row')
    .filter({ hasText: 'Pay by card' });

/** A page of a run with one case, and the open form of its result. */
async function openForm(page: Page) {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/cases');
  const testware = new Testware(page, project);
  await testware.createCase('Pay by card');
  await testware.createRun('All payments', 'Pay');
  await page.getByRole('link', { name: 'Add result to WEB-C1' }).click();
  return page.getByRole('dialog', { name: /^Add result/ });
}

test('files are attached to a result, opened and deleted', async ({ page }) => {
  const dialog = await openForm(page);
  await expectAccessible(page);
  await dialog.getByLabel('Attach files').setInputFiles([
    { name: 'screen.png', mimeType: 'image/png', buffer: PNG },
    { name: '<b>trace.html', mimeType: 'text/html', buffer: Buffer.from('<script>alert(1)</script>') },
  ]);
  await dialog.getByRole('button', { name: 'Add result' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('2 files attached')).toBeVisible();
  const attachments = result(page).getByRole('list', { name: 'Attachments' });
  await expect(attachments.getByRole('listitem')).toHaveCount(2);
  await expectAccessible(page);

  const opening = page.waitForEvent('popup');
  await attachments.getByRole('link', { name: 'screen.png' }).click();
  const image = await opening;
  await expect(image.locator('img')).toBeVisible();
  await image.close();
  const downloading = page.waitForEvent('download');
  await attachments.getByRole('link', { name: 'trace' }).click();
  const download = await downloading;
  expect(await readFile(await download.path(), 'utf8')).toBe('<script>alert(1)</script>');

  await result(page).getByRole('button', { name: 'Actions of the result of WEB-C1' }).click();
  await result(page).getByRole('link', { name: 'Edit result' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit result' });
  await edit.getByRole('checkbox', { name: 'screen.png' }).check();
  await edit.getByLabel('Attach files').setInputFiles({ name: 'log.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await expectAccessible(page);
  await edit.getByRole('button', { name: 'Save changes' }).click();
  await expect(edit).toBeHidden();
  await expect(attachments.getByRole('link', { name: 'log.txt' })).toBeVisible();
  await expect(attachments.getByRole('link', { name: 'screen.png' })).toHaveCount(0);
});

test('a pasted screenshot is attached, and a file that is too large is named', async ({ page }) => {
  const dialog = await openForm(page);
  await dialog.getByLabel('Attach files').setInputFiles({
    name: 'huge.log',
    mimeType: 'text/plain',
    buffer: Buffer.alloc(10 * 1024 * 1024 + 1, 'x'),
  });
  await dialog.getByLabel('Comment').focus();
  await page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'pasted.png', { type: 'image/png' }));
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  }, [...PNG]);
  await dialog.getByRole('button', { name: 'Add result' }).click();
  await expect(page.getByText('huge.log: Attach at most 10 MiB.')).toBeVisible();
  await expect(page.getByText('1 file attached')).toBeVisible();
  const attachments = result(page).getByRole('list', { name: 'Attachments' });
  await expect(attachments.getByRole('link')).toHaveText(['pasted.png']);
});
