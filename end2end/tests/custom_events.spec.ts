// Custom events: registered, sent by hand, and subscribed to.
import { hydrated, signIn } from '../pages/account.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { expect, expectAccessible, test } from '../support/test.js';

test.use({ expectedErrors: [/status of 422/] });

const SCHEMA = '{"type": "object", "required": ["environment"]}';

test('an event is registered, changed, sent and deleted', async ({ browser, page, server, watch }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const webhook = { name: 'Deployments', url: 'http://127.0.0.1:9/', events: ['custom.*'] };
  const created = await page.request.post(`/api/v1/projects/${project.id}/webhooks`, { data: webhook });
  expect(created.status()).toBe(201);
  await project.open('/issues');
  await page.getByRole('link', { name: 'Custom events' }).click();
  await expect(page.getByText('No registered events')).toBeVisible();
  await expectAccessible(page);
  const second = await browser.newContext({ baseURL: server.url });
  watch(second);
  const watcher = await second.newPage();
  await signIn(watcher);
  await watcher.goto(page.url());
  await hydrated(watcher);
  await new LivePage(watcher).expectLive();

  await page.getByRole('link', { name: 'Register event' }).click();
  const dialog = page.getByRole('dialog', { name: 'Register event' });
  await dialog.getByLabel('Type').fill('custom.deploy_finished');
  await dialog.getByLabel('Description').fill('A deployment has finished.');
  await dialog.getByLabel('Schema').fill('{"type": "spaceship"}');
  await dialog.getByRole('button', { name: 'Register event' }).click();
  await expect(dialog.getByText(/not a valid JSON Schema at \/type/)).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel('Schema').fill(SCHEMA);
  await dialog.getByRole('button', { name: 'Register event' }).click();
  await expect(dialog).toBeHidden();
  const row = (view: typeof page) => view.getByRole('row').filter({ hasText: 'custom.deploy_finished' });
  for (const view of [page, watcher]) await expect(row(view)).toContainText('JSON Schema');
  await expectAccessible(page);

  await row(page).getByRole('button', { name: 'Actions of custom.deploy_finished' }).click();
  await row(page).getByRole('link', { name: 'Edit event' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit event' });
  await expect(edit.getByLabel('Schema')).toHaveValue(/"environment"/);
  await edit.getByLabel('Description').fill('A deployment is done.');
  await edit.getByRole('button', { name: 'Save changes' }).click();
  await expect(edit).toBeHidden();
  for (const view of [page, watcher]) await expect(row(view)).toContainText('A deployment is done.');

  const form = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Publish an event' }) });
  await form.getByLabel('Type').fill('custom.deploy_finished');
  await form.getByLabel('Title').fill('2.4 on staging');
  await form.getByRole('button', { name: 'Publish event' }).click();
  await expect(form.getByText(/"environment" is a required property/)).toBeVisible();
  await form.getByLabel('Data').fill('{"environment": ');
  await form.getByRole('button', { name: 'Publish event' }).click();
  await expect(form.getByText(/This is not JSON/)).toBeVisible();
  await form.getByLabel('Data').fill('{"environment": "staging"}');
  await form.getByRole('button', { name: 'Publish event' }).click();
  await expect(form.getByRole('status')).toContainText('Event published: 1 delivery.');
  await expectAccessible(page);

  await row(page).getByRole('button', { name: 'Actions of custom.deploy_finished' }).click();
  await row(page).getByRole('button', { name: 'Delete event' }).click();
  const confirm = page.getByRole('dialog', { name: 'Delete custom.deploy_finished?' });
  await confirm.getByRole('button', { name: 'Delete event' }).click();
  for (const view of [page, watcher]) await expect(view.getByText('No registered events')).toBeVisible();

  await form.getByRole('link', { name: 'Show deliveries' }).click();
  await expect(page).toHaveURL(/tab=deliveries&event=custom\.deploy_finished/);
  await expect(page.getByText('2.4 on staging').first()).toBeVisible();
  await second.close();
});

test('the event picker offers the registered events', async ({ page }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  for (const type of ['custom.deploy_finished', 'custom.deploy_started']) {
    const registered = await page.request.post(`/api/v1/projects/${project.id}/custom-events`, { data: { type } });
    expect(registered.status()).toBe(201);
  }
  await project.open('/settings/webhooks?add=outbound');
  const dialog = page.getByRole('dialog', { name: 'Add outbound webhook' });
  await dialog.getByLabel('Search events').fill('deploy');
  const one = dialog.getByRole('checkbox', { name: 'custom.deploy_finished' });
  await one.check();
  const all = dialog.getByRole('checkbox', { name: 'All custom events' });
  await expect(all).not.toBeChecked();
  await all.check();
  await expect(one, 'it is among all').toBeDisabled();
  await expect(dialog.getByRole('checkbox', { name: 'custom.deploy_started' })).toBeChecked();
  await all.uncheck();
  await expect(one).toBeEnabled();
});

test('an event is registered without JavaScript', async ({ browser, page, server, watch }) => {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const plain = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false, storageState: await page.context().storageState() });
  watch(plain);
  const reader = await plain.newPage();
  await reader.goto(`/projects/${project.id}/settings/events`);
  await reader.getByRole('link', { name: 'Register event' }).click();
  const dialog = reader.getByRole('dialog', { name: 'Register event' });
  await dialog.getByLabel('Type').fill('custom.deploy_finished');
  await dialog.getByRole('button', { name: 'Register event' }).click();
  await expect(reader.getByRole('row').filter({ hasText: 'custom.deploy_finished' })).toContainText('Any object');
  await plain.close();
});
