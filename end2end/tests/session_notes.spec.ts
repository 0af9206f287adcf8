// The timer of a session, and its timed notes.
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { expect, expectAccessible, test } from '../support/test.js';

/** Creates a session; leads to its page. */
async function start(page: Page): Promise<Testware> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.open('/sessions');
  const testware = new Testware(page, project);
  await testware.createSession('Vouchers', 'Explore vouchers', 90);
  return testware;
}

/** The same page in a second browser. */
async function watched(page: Page, browser: Browser, url: string, watch: (context: BrowserContext) => void): Promise<Page> {
  const context = await browser.newContext({ baseURL: url });
  watch(context);
  const watcher = await context.newPage();
  await signIn(watcher);
  await watcher.goto(page.url());
  await hydrated(watcher);
  await new LivePage(watcher).expectLive();
  return watcher;
}

test('the timer of a session runs in every browser', async ({ browser, page, server, watch }) => {
  const testware = await start(page);
  const watcher = await watched(page, browser, server.url, watch);
  const time = (view: Page) => view.getByRole('timer', { name: 'Timer' });
  await expect(time(page)).toHaveText('0:00');
  await expect(page.locator('.session-timer')).toContainText('of 1 h 30 min');
  await page.getByRole('button', { name: 'Start timer' }).click();
  for (const view of [page, watcher]) {
    await expect(view.getByRole('button', { name: 'Stop timer' })).toBeVisible();
    await expect(time(view)).not.toHaveText('0:00');
  }
  await expectAccessible(page);
  await watcher.getByRole('button', { name: 'Stop timer' }).click();
  for (const view of [page, watcher]) await expect(view.getByRole('button', { name: 'Start timer' })).toBeVisible();
  const stopped = (await time(watcher).textContent()) ?? '';
  expect(stopped).toMatch(/^\d+:\d\d$/);
  await expect(time(page)).toHaveText(stopped);
  await page.reload();
  await expect(time(page)).toHaveText(stopped);

  await page.getByRole('button', { name: 'Start timer' }).click();
  await expect(page.getByRole('button', { name: 'Stop timer' })).toBeVisible();
  await testware.confirm('Complete');
  await expect(page.getByRole('button', { name: /(Start|Stop) timer/ })).toHaveCount(0);
  const { elapsedSeconds, timerStartedAt } = (await (
    await page.request.get(`/api/v1/sessions/${new URL(page.url()).pathname.split('/').at(-1)}`)
  ).json()) as { elapsedSeconds: number; timerStartedAt: string | null };
  expect(timerStartedAt).toBeNull();
  await expect(time(page)).toHaveText(`${Math.floor(elapsedSeconds / 60)}:${String(elapsedSeconds % 60).padStart(2, '0')}`);
  await watcher.context().close();
});

test('nothing moves while the timer of a session runs', async ({ page }) => {
  await start(page);
  await page.clock.install();
  await page.reload();
  await hydrated(page);
  const box = () => page.getByRole('button', { name: /(Start|Stop) timer/ }).boundingBox();
  const before = await box();
  await page.getByRole('button', { name: 'Start timer' }).click();
  await expect(page.getByRole('button', { name: 'Stop timer' })).toBeVisible();
  expect(await box()).toEqual(before);
  await page.clock.fastForward(754_000);
  await expect(page.getByRole('timer')).toHaveText(/^12:[3-5]\d$/);
  expect(await box()).toEqual(before);
  await page.clock.fastForward(3_600_000);
  await expect(page.getByRole('timer')).toHaveText(/^1:1[23]:\d\d$/);
  expect(await box()).toEqual(before);
});

test('timed notes are added, changed and deleted, and followed live', async ({ browser, page, server, watch }) => {
  const testware = await start(page);
  const watcher = await watched(page, browser, server.url, watch);
  const notes = page.locator('.session-notes');
  const seen = watcher.locator('.session-notes');
  await expect(notes.getByText('No notes yet.')).toBeVisible();
  const text = page.getByLabel('New note');
  for (const note of ['Codes in **lower** case', 'Expired codes']) {
    await text.fill(note);
    await page.getByRole('button', { name: 'Add note' }).click();
    await expect(text).toHaveValue('');
    await expect(text, 'for the next note').toBeFocused();
  }
  for (const list of [notes, seen]) {
    await expect(list.getByRole('listitem')).toHaveText([/^0:00 .*Codes in lower case/, /^0:00 .*Expired codes/]);
    await expect(list.locator('strong')).toHaveText('lower');
  }
  await expectAccessible(page);

  const first = notes.getByRole('listitem').first();
  await first.getByRole('button', { name: /^Actions of the note at 0:00/ }).click();
  await first.getByRole('link', { name: 'Edit note' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit note' });
  await expect(dialog.getByLabel('Note')).toHaveValue('Codes in **lower** case');
  await dialog.getByLabel('Note').fill('Codes in mixed case');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog).toBeHidden();
  for (const list of [notes, seen]) await expect(list.getByRole('listitem').first()).toContainText('edited');
  await expect(seen.getByRole('listitem').first()).toContainText('Codes in mixed case');

  const last = notes.getByRole('listitem').last();
  await last.getByRole('button', { name: /^Actions of the note at/ }).click();
  await last.getByRole('button', { name: 'Delete note' }).click();
  const confirm = page.getByRole('dialog', { name: 'Delete this note?' });
  await confirm.getByRole('button', { name: 'Delete note' }).click();
  for (const list of [notes, seen]) await expect(list.getByRole('listitem')).toHaveCount(1);

  await testware.confirm('Complete');
  for (const view of [page, watcher]) {
    await expect(view.getByRole('button', { name: 'Add note' })).toHaveCount(0);
    await expect(view.getByRole('button', { name: /^Actions of the note/ })).toHaveCount(0);
    await expect(view.getByText('Codes in mixed case')).toBeVisible();
  }
  await watcher.context().close();
});

test('the timer and the notes of a session work without JavaScript', async ({ browser, page, server, watch }) => {
  await start(page);
  const plain = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false, storageState: await page.context().storageState() });
  watch(plain);
  const member = await plain.newPage();
  await member.goto(page.url());
  await member.getByRole('button', { name: 'Start timer' }).click();
  await member.getByRole('button', { name: 'Stop timer' }).click();
  await expect(member.getByRole('button', { name: 'Start timer' })).toBeVisible();
  await member.getByLabel('New note').fill('Codes with spaces');
  await member.getByRole('button', { name: 'Add note' }).click();
  await expect(member.locator('.session-notes').getByRole('listitem')).toContainText('Codes with spaces');
  await plain.close();
});
