// Adding a webhook in one step, in a project and for several projects; editing it next to another admin; copies.
import type { Browser, BrowserContext, Locator, Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { WebhooksPage } from '../pages/webhooks.js';
import type { Server } from '../support/server.js';
import { expect, expectAccessible, test } from '../support/test.js';
import { makeIssues } from '../support/work.js';

interface Stored {
  name: string;
  active: boolean;
  url: string;
  scope: { kind: string };
  policy: { retryDelays: number[]; timeoutSeconds: number; ordered: boolean; disabledAfter: number };
}

/** The Webhooks page of a project, next to another project. */
async function start(page: Page): Promise<{ webhooks: WebhooksPage; other: string }> {
  const webhooks = await WebhooksPage.start(page);
  const created = await page.request.post('/api/v1/projects', { data: { key: 'APP', name: 'Mobile app' } });
  await webhooks.open();
  return { webhooks, other: ((await created.json()) as { id: string }).id };
}

async function stored(page: Page, project: string, name: string): Promise<Stored> {
  const answer = await page.request.get(`/api/v1/projects/${project}/webhooks`);
  const found = ((await answer.json()) as { items: Stored[] }).items.find((webhook) => webhook.name === name);
  if (!found) throw new Error(`no webhook ${name}`);
  return found;
}

/** Opens the form of the page across projects, with all fields but the projects. */
async function openAddAcross(page: Page, url: string): Promise<Locator> {
  await page.goto('/webhooks');
  await hydrated(page);
  await page.getByRole('link', { name: 'Add webhook' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add webhook for several projects' });
  await dialog.getByLabel('URL').fill(url);
  await dialog.getByLabel('Name').fill('Everywhere');
  await dialog.getByRole('checkbox', { name: 'All issue events' }).check();
  return dialog;
}

async function openAdd(webhooks: WebhooksPage) {
  await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
  return webhooks.page.getByRole('dialog', { name: 'Add outbound webhook' });
}

/** Another admin in another browser. */
async function secondBrowser(browser: Browser, server: Server, watch: (context: BrowserContext) => void): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url });
  watch(context);
  const page = await context.newPage();
  await signIn(page);
  return page;
}

test('a webhook with several projects and its own policy is complete in one step', async ({ page, receiver }) => {
  const { webhooks, other } = await start(page);
  const dialog = await openAdd(webhooks);
  await dialog.getByLabel('URL').fill(`${receiver.url}/hook`);
  await dialog.getByLabel('Name').fill('CI trigger');
  await dialog.getByRole('checkbox', { name: 'All issue events' }).check();
  await expect(dialog.getByText('Retries and health')).toBeHidden();
  await dialog.getByText('More options').click();
  await expect(dialog.getByRole('checkbox', { name: /Checkout web/ })).toBeChecked();
  await expect(dialog.getByRole('checkbox', { name: /Checkout web/ })).toBeDisabled();
  await dialog.getByRole('checkbox', { name: /Mobile app/ }).check();
  await dialog.getByText('Retries and health').click();
  await dialog.getByLabel('Retries', { exact: true }).selectOption('1 s, 10 s, 100 s');
  await dialog.getByLabel('Timeout (s)').fill('5');
  await dialog.getByText('Order and rate limit').click();
  await dialog.getByRole('checkbox', { name: /Send in order/ }).check();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add webhook' }).click();
  await webhooks.copied();
  await expect(webhooks.card('CI trigger')).toContainText('2 projects');
  const webhook = await stored(page, webhooks.project.id, 'CI trigger');
  expect(webhook.scope.kind).toBe('projects');
  expect(webhook.policy).toMatchObject({ retryDelays: [1, 10, 100], timeoutSeconds: 5, ordered: true });
  await page.request.post(`/api/v1/projects/${other}/issues`, { data: { title: 'From the app' } });
  await receiver.waitFor(1);
});

test.describe('with errors', () => {
  test.use({ expectedErrors: [/status of 422/] });

  test('an error under More options is shown', async ({ page, receiver }) => {
    const { webhooks } = await start(page);
    const dialog = await openAdd(webhooks);
    await dialog.getByLabel('URL').fill(`${receiver.url}/hook`);
    await dialog.getByLabel('Name').fill('CI trigger');
    await dialog.getByRole('checkbox', { name: 'All issue events' }).check();
    await dialog.getByText('More options').click();
    await dialog.getByText('Retries and health').click();
    await dialog.getByLabel('Timeout (s)').fill('99');
    await dialog.getByText('Retries and health').click();
    await dialog.getByText('More options').click();
    await expect(dialog.getByLabel('Timeout (s)')).toBeHidden();
    await dialog.getByRole('button', { name: 'Add webhook' }).click();
    await expect(dialog.getByLabel('Timeout (s)')).toBeFocused();
    await expect(dialog.getByLabel('Timeout (s)')).toHaveAttribute('aria-invalid', 'true');
  });

  test('the projects get the focus if none is selected', async ({ page, receiver }) => {
    await start(page);
    const dialog = await openAddAcross(page, `${receiver.url}/hook`);
    await dialog.getByRole('button', { name: 'Add webhook' }).click();
    const projects = dialog.getByRole('group', { name: 'Projects' }).first();
    await expect(projects).toBeFocused();
    await expect(projects).toHaveAttribute('aria-invalid', 'true');
    await expect(projects).toContainText('Select at least one project.');
    await expectAccessible(page);
  });
});

test('conditions and templates are tried before projects are selected, and on their events', async ({ page }) => {
  const { webhooks, other } = await start(page);
  await makeIssues(page, webhooks.project.id, ['Card payment fails', 'Typo']);
  await makeIssues(page, other, ['Login fails']);
  await page.goto('/webhooks');
  await hydrated(page);
  await page.getByRole('link', { name: 'Add webhook' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add webhook for several projects' });
  await dialog.getByRole('checkbox', { name: 'All issue events' }).check();
  await dialog.getByText('More options').click();
  await dialog.getByText('Conditions', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Add condition' }).click();
  await dialog.getByRole('combobox', { name: 'Field' }).fill('data.title');
  await dialog.getByRole('combobox', { name: 'Comparison' }).selectOption('contains');
  await dialog.getByRole('textbox', { name: 'Value' }).fill('fails');
  await dialog.getByRole('button', { name: 'Try conditions' }).click();
  const results = dialog.getByRole('region', { name: 'Results' });
  await expect(results).toContainText('Select projects to try the conditions on their past events, too.');
  await expect(results).toContainText(/Samples: \d+ of \d+ match\./);
  await expectAccessible(page);
  await dialog.getByText('Custom body', { exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Template' }).fill('{"text": {{ data.title }}}');
  await expect(dialog.getByRole('region', { name: 'Preview' })).toContainText('Card payment fails on Safari');
  await dialog.getByRole('checkbox', { name: /Checkout web/ }).check();
  await dialog.getByRole('checkbox', { name: /Mobile app/ }).check();
  await dialog.getByRole('button', { name: 'Try conditions' }).click();
  await expect(results).toContainText('Would have matched 2 of the last 3 events.');
  await expect(results).toContainText('Login fails');
});

test('a webhook is added as inactive', async ({ page, receiver }) => {
  const { webhooks } = await start(page);
  const dialog = await openAdd(webhooks);
  await dialog.getByLabel('URL').fill(`${receiver.url}/hook`);
  await dialog.getByLabel('Name').fill('CI trigger');
  await dialog.getByRole('checkbox', { name: 'All issue events' }).check();
  await dialog.getByRole('checkbox', { name: /Add as inactive/ }).check();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add webhook' }).click();
  await webhooks.copied();
  await expect(webhooks.card('CI trigger')).toContainText('Inactive');
  expect((await stored(page, webhooks.project.id, 'CI trigger')).active).toBe(false);
  await makeIssues(page, webhooks.project.id, ['While it is inactive']);
  // Tests are sent all the same, and after the event.
  await webhooks.press('CI trigger', 'Send test');
  await receiver.waitFor(1);
  expect(receiver.received[0]!.body).not.toContain('While it is inactive');
});

test('a webhook for all projects is added across projects', async ({ page, receiver }) => {
  const { webhooks, other } = await start(page);
  const dialog = await openAddAcross(page, `${receiver.url}/hook`);
  await expect(dialog.getByRole('checkbox', { name: /Mobile app/ })).toBeVisible();
  await dialog.getByRole('checkbox', { name: /All projects/ }).check();
  await expect(dialog.getByRole('checkbox', { name: /Mobile app/ })).toBeHidden();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Add webhook' }).click();
  const [secret] = await webhooks.copied();
  expect(secret).toMatch(/^whsec_/);
  await expect(page.getByRole('row', { name: /Everywhere/ })).toContainText('All projects');
  await page.request.post(`/api/v1/projects/${other}/issues`, { data: { title: 'From the app' } });
  await receiver.waitFor(1);
});

test('an edit keeps what another admin changed meanwhile', async ({ page, receiver, browser, server, watch }) => {
  const { webhooks } = await start(page);
  await webhooks.project.createOutbound('CI trigger', `${receiver.url}/hook`);
  await webhooks.press('CI trigger', 'Edit webhook');
  const mine = page.getByRole('dialog', { name: 'Edit webhook' });
  await expect(mine).toBeVisible();

  const second = await secondBrowser(browser, server, watch);
  const theirs = new WebhooksPage(new ProjectPage(second, webhooks.project.id));
  await theirs.open();
  await theirs.press('CI trigger', 'Edit webhook');
  const dialog = second.getByRole('dialog', { name: 'Edit webhook' });
  await dialog.getByText('Retries and health').click();
  await dialog.getByLabel('Timeout (s)').fill('7');
  await dialog.getByLabel('URL').fill(`${receiver.url}/moved`);
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog).toBeHidden();

  await mine.getByLabel('Name', { exact: true }).fill('Build server');
  await mine.getByText('Retries and health').click();
  await mine.getByLabel('Disabled after', { exact: true }).fill('20');
  await mine.getByRole('button', { name: 'Save changes' }).click();
  await expect(mine).toBeHidden();
  await expect(webhooks.card('Build server')).toContainText('/moved');
  const webhook = await stored(page, webhooks.project.id, 'Build server');
  expect(webhook.policy).toMatchObject({ timeoutSeconds: 7, disabledAfter: 20 });
  await second.context().close();
});

test('a webhook is duplicated with a secret of its own', async ({ page, receiver }) => {
  const { webhooks } = await start(page);
  await webhooks.addOutbound('CI trigger', `${receiver.url}/hook`, 'All issue events');
  const [first] = await webhooks.copied();
  await webhooks.press('CI trigger', 'Duplicate webhook');
  await expectAccessible(page);
  await webhooks.confirm('Duplicate webhook');
  const [second] = await webhooks.copied();
  expect(second).not.toBe(first);
  const copy = webhooks.card('Copy of CI trigger');
  await expect(copy).toContainText('Inactive');
  await expect(copy).toContainText('/hook');

  // From its page, the copy's page opens.
  await copy.getByRole('link', { name: 'Copy of CI trigger' }).click();
  await expect(page.getByRole('heading', { name: 'Copy of CI trigger', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'More actions for Copy of CI trigger' }).click();
  await page.getByRole('button', { name: 'Duplicate webhook: Copy of CI trigger' }).click();
  await webhooks.confirm('Duplicate webhook');
  await webhooks.copied();
  await expect(page.getByRole('heading', { name: 'Copy of Copy of CI trigger', level: 1 })).toBeVisible();
});

test('two admins edit different headers, and both edits stay', async ({ page, receiver, browser, server, watch }) => {
  const { webhooks } = await start(page);
  const created = await page.request.post(`/api/v1/projects/${webhooks.project.id}/webhooks`, {
    data: {
      name: 'CI trigger',
      url: `${receiver.url}/hook`,
      events: ['issue.*'],
      customHeaders: [
        { name: 'X-Env', value: 'qa' },
        { name: 'X-Team', value: 'web' },
      ],
    },
  });
  expect(created.status(), await created.text()).toBe(201);
  await webhooks.press('CI trigger', 'Edit webhook');
  const mine = page.getByRole('dialog', { name: 'Edit webhook' });
  await mine.getByText('Custom headers', { exact: true }).click();

  const second = await secondBrowser(browser, server, watch);
  const theirs = new WebhooksPage(new ProjectPage(second, webhooks.project.id));
  await theirs.open();
  await theirs.press('CI trigger', 'Edit webhook');
  const dialog = second.getByRole('dialog', { name: 'Edit webhook' });
  await dialog.getByText('Custom headers', { exact: true }).click();
  await dialog.getByRole('group', { name: 'Header 1' }).getByLabel('Value').fill('production');
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog).toBeHidden();

  await mine.getByRole('button', { name: 'Remove header 2' }).click();
  await mine.getByRole('button', { name: 'Add header' }).click();
  await mine.getByRole('group', { name: 'Header 2' }).getByLabel('Name').fill('X-New');
  await mine.getByRole('group', { name: 'Header 2' }).getByLabel('Value').fill('1');
  await mine.getByRole('button', { name: 'Save changes' }).click();
  await expect(mine).toBeHidden();
  await makeIssues(page, webhooks.project.id, ['It breaks']);
  const [request] = await receiver.waitFor(1);
  expect([request!.headers['x-env'], request!.headers['x-new'], request!.headers['x-team']]).toEqual(['production', '1', undefined]);
  await second.context().close();
});

test('a webhook with several projects is duplicated on its own page', async ({ page, receiver }) => {
  const { webhooks, other } = await start(page);
  const created = await page.request.post('/api/v1/webhooks', {
    data: {
      name: 'Everywhere',
      url: `${receiver.url}/hook`,
      events: ['issue.*'],
      scope: { kind: 'projects', projectIds: [webhooks.project.id, other] },
    },
  });
  const { webhook } = (await created.json()) as { webhook: { id: string } };
  await page.goto(`/webhooks/${webhook.id}`);
  await hydrated(page);
  await page.getByRole('button', { name: 'Duplicate webhook' }).click();
  await expectAccessible(page);
  await webhooks.confirm('Duplicate webhook');
  const [secret] = await webhooks.copied();
  expect(secret).toMatch(/^whsec_/);
  await expect(page.getByRole('heading', { name: 'Copy of Everywhere', level: 1 })).toBeVisible();
  await expect(page.getByText('Inactive', { exact: true }).first()).toBeVisible();
});
