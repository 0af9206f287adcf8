// Webhooks with several projects: their selection, their page, and what happens when a project is deleted.
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { expect, expectAccessible, test } from '../support/test.js';
import type { Page } from '@playwright/test';

interface Start {
  project: ProjectPage;
  other: string;
  webhook: string;
}

/** Two projects, of which the first has a webhook. */
async function start(page: Page, endpoint: string): Promise<Start> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  const post = async (path: string, data: object) => (await page.request.post(`/api/v1${path}`, { data })).json();
  const { id: other } = (await post('/projects', { key: 'APP', name: 'Mobile app' })) as { id: string };
  const created = await post(`/projects/${project.id}/webhooks`, { name: 'CI trigger', url: `${endpoint}/hook`, events: ['issue.*'] });
  return { project, other, webhook: (created as { webhook: { id: string } }).webhook.id };
}

const share = (page: Page, webhook: string, ids: string[]) =>
  page.request.patch(`/api/v1/webhooks/${webhook}`, { data: { scope: { kind: 'projects', projectIds: ids } } });

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
}

test('a webhook gets a second project and shows on its page', async ({ page, receiver }) => {
  const { project, other } = await start(page, receiver.url);
  await project.open('/settings/webhooks');
  const card = page.getByRole('article', { name: 'CI trigger' });
  await card.getByRole('button', { name: 'More actions for CI trigger' }).click();
  await page.getByRole('button', { name: 'Change projects: CI trigger' }).click();
  const dialog = page.getByRole('dialog', { name: 'Projects of the webhook' });
  await expect(dialog.getByRole('checkbox', { name: /Checkout web/ })).toBeChecked();
  await dialog.getByRole('checkbox', { name: /Mobile app/ }).check();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save projects' }).click();
  await expect(dialog).toBeHidden();
  await expect(card).toContainText('2 projects');
  await open(page, `/projects/${other}/settings/webhooks`);
  await expect(card).toContainText('2 projects');
  await page.request.post(`/api/v1/projects/${other}/issues`, { data: { title: 'From the app' } });
  await receiver.waitFor(1);
  await card.getByRole('link', { name: 'CI trigger' }).click();
  await expect(page.getByRole('region', { name: 'Configuration' })).toContainText('Checkout web, Mobile app');
  await page.getByRole('button', { name: 'Edit projects' }).click();
  await dialog.getByRole('checkbox', { name: /All projects/ }).check();
  await dialog.getByRole('button', { name: 'Save projects' }).click();
  await expect(page.getByRole('region', { name: 'Configuration' })).toContainText('All projects');
});

test('webhooks with several projects are searched and deactivated together', async ({ page, receiver }) => {
  const { project, other, webhook } = await start(page, receiver.url);
  await share(page, webhook, [project.id, other]);
  await project.open('/issues');
  await page.getByRole('navigation', { name: 'Workspace' }).getByRole('link', { name: 'Across projects' }).click();
  await expect(page.getByRole('heading', { name: 'Webhooks across projects', level: 1 })).toBeVisible();
  await expect(page.getByRole('row', { name: /CI trigger/ })).toContainText('Checkout web, Mobile app');
  await expectAccessible(page);
  await page.getByRole('searchbox', { name: 'Search webhooks' }).fill('nothing');
  await expect(page.getByText('No webhooks match these filters')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search webhooks' }).fill('trigg');
  await page.getByRole('checkbox', { name: 'Select CI trigger' }).check();
  await expect(page.getByText('1 webhook selected')).toBeVisible();
  await page.getByRole('button', { name: 'Deactivate selected' }).click();
  await expect(page.getByRole('row', { name: /CI trigger/ })).toContainText('Inactive');
  await page.getByRole('link', { name: 'Active', exact: true }).click();
  await expect(page.getByText('No webhooks match these filters')).toBeVisible();
});

test.describe('until it is deleted', () => {
  // Its page reads it once more.
  test.use({ expectedErrors: [/status of 404/] });

  test('pages outside of projects are live', async ({ page, receiver, context }) => {
    const { project, other, webhook } = await start(page, receiver.url);
    await open(page, '/webhooks');
    const row = page.getByRole('row', { name: /CI trigger/ });
    await expect(page.getByText('No webhooks with several projects')).toBeVisible();
    const detail = await context.newPage();
    await page.evaluate(() => Object.assign(window, { notReloaded: true }));
    const post = (path: string, data: object = {}) => detail.request.post(`/api/v1${path}`, { data });
    await detail.request.patch(`/api/v1/webhooks/${webhook}`, { data: { scope: { kind: 'projects', projectIds: [project.id, other] } } });
    await expect(row).toContainText('2 projects');
    await open(detail, `/webhooks/${webhook}`);
    await page.getByRole('checkbox', { name: 'Select CI trigger' }).check();
    await post(`/webhooks/${webhook}/deactivate`);
    await expect(row).toContainText('Inactive');
    await expect(page.getByText('1 webhook selected')).toBeVisible();
    await post(`/webhooks/${webhook}/activate`);
    await expect(row).not.toContainText('Inactive');
    await post(`/projects/${other}/issues`, { title: 'From the app' });
    await expect(row).toContainText('Healthy');
    await expect(detail.getByRole('row', { name: /From the app/ })).toContainText('Delivered');
    const banner = page.getByRole('status', { name: 'Webhook pause' });
    await expect(banner).toBeEmpty();
    await detail.request.put('/api/v1/webhook-pause', { data: { paused: true } });
    await expect(banner).toContainText('All webhooks are paused');
    await expect(row).toContainText('Paused');
    await detail.request.delete(`/api/v1/webhooks/${webhook}`);
    await expect(page.getByText('No webhooks with several projects')).toBeVisible();
    await expect(detail.getByText('This webhook was deleted.')).toBeVisible();
    expect(await page.evaluate(() => 'notReloaded' in window), 'nothing was loaded again').toBe(true);
  });
});

test.describe('once its project is gone', () => {
  // The page of the deleted project still asks for its changes.
  test.use({ expectedErrors: [/status of 404/] });

  test('a webhook of a deleted project is found and used again', async ({ page, receiver }) => {
    const { project, other } = await start(page, receiver.url);
    await page.request.post(`/api/v1/projects/${project.id}/issues`, { data: { title: 'Sent before' } });
    await receiver.waitFor(1);
    await page.request.delete(`/api/v1/projects/${project.id}`);
    await open(page, '/webhooks?orphaned=true');
    await expect(page.getByRole('row', { name: /CI trigger/ })).toContainText('Project deleted');
    await page.getByRole('link', { name: 'CI trigger' }).click();
    await expect(page.getByRole('row', { name: /Sent before/ })).toContainText('Orphaned: project deleted');
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Sent before' }).click();
    const drawer = page.getByRole('dialog', { name: 'Delivery', exact: true });
    await expect(drawer).toContainText('Sent before');
    await expect(drawer).toContainText('1 of 8 attempts');
    await expect(drawer.getByRole('button', { name: 'Replay' })).toHaveCount(0);
    await expect(drawer.getByRole('link', { name: /^Open/ })).toHaveCount(0);
    await expectAccessible(page);
    await page.reload();
    await hydrated(page);
    await expect(drawer).toContainText('Sent before');
    await drawer.press('Escape');
    await expect(drawer).toHaveCount(0);
    await page.getByRole('button', { name: 'Change projects' }).click();
    const dialog = page.getByRole('dialog', { name: 'Projects of the webhook' });
    await dialog.getByRole('checkbox', { name: /Mobile app/ }).check();
    await dialog.getByRole('button', { name: 'Save projects' }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole('link', { name: 'Open in a project' }).click();
    await expect(page).toHaveURL(new RegExp(`/projects/${other}/settings/webhooks/`));
  });
});
