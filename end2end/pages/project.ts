// A project and its settings.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Inbound } from '../support/github.js';
import { hydrated } from './account.js';

async function post<T>(page: Page, path: string, data: object): Promise<T> {
  const answer = await page.request.post(`/api/v1${path}`, { data });
  expect(answer.status(), await answer.text()).toBe(201);
  return (await answer.json()) as T;
}

export class ProjectPage {
  constructor(
    readonly page: Page,
    readonly id: string,
  ) {}

  /** Creates a project with a request; the page stays where it is. */
  static async create(page: Page, name: string, key: string): Promise<ProjectPage> {
    return new ProjectPage(page, (await post<{ id: string }>(page, '/projects', { name, key })).id);
  }

  /** Creates a project with the dialog, and leads to its dashboard. */
  static async createInDialog(page: Page, name: string, key: string): Promise<ProjectPage> {
    await page.goto('/');
    await hydrated(page);
    await page.getByRole('link', { name: 'New project' }).click();
    const dialog = page.getByRole('dialog', { name: 'New project' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Key').fill(key);
    await dialog.getByRole('button', { name: 'Create project' }).click();
    await expect(page.getByRole('heading', { name: 'Dashboard', exact: true })).toBeVisible();
    const id = /prj_[a-z0-9]+/.exec(page.url())?.[0];
    if (!id) throw new Error(`no project in ${page.url()}`);
    return new ProjectPage(page, id);
  }

  async open(path: string): Promise<void> {
    await this.page.goto(`/projects/${this.id}${path}`);
    await hydrated(this.page);
  }

  /** Connects a tracker with a request. */
  async integrate(settings: object): Promise<void> {
    const answer = await this.page.request.put(`/api/v1/projects/${this.id}/integration`, { data: settings });
    expect(answer.status(), await answer.text()).toBe(200);
  }

  /** Connects GitHub on its page. */
  async connectGithub(repository: string): Promise<void> {
    await this.page.getByRole('link', { name: 'Issue integration' }).click();
    await this.page.getByRole('radio', { name: 'GitHub' }).check();
    await this.page.getByLabel('Repository', { exact: true }).fill(repository);
    await this.page.getByRole('button', { name: 'Save' }).click();
    await expect(this.page.getByRole('heading', { name: 'GitHub', exact: true })).toBeVisible();
  }

  /** Adds the inbound webhook with a request. */
  async createInbound(): Promise<Inbound> {
    return (await post<{ reveal: Inbound }>(this.page, `/projects/${this.id}/webhooks/inbound`, {})).reveal;
  }

  /** Adds an outbound webhook for all issue events with a request, and opens the Webhooks tab; returns its secret. */
  async createOutbound(name: string, url: string): Promise<string> {
    const webhook = { name, url, events: ['issue.*'] };
    const { reveal } = await post<{ reveal: Inbound }>(this.page, `/projects/${this.id}/webhooks`, webhook);
    await this.open('/settings/webhooks');
    return reveal.secret;
  }

  /** Adds the inbound webhook on the Webhooks tab, and copies its secrets. */
  async addInbound(): Promise<Inbound> {
    await this.page.getByRole('link', { name: 'Webhooks', exact: true }).first().click();
    const section = this.section('Inbound');
    await section.getByRole('button', { name: 'Add webhook' }).click();
    const panel = this.page.getByRole('dialog').filter({ hasText: /You won't see/ });
    await expect(panel).toBeVisible();
    const [url, secret] = await panel.locator('code').allTextContents();
    await panel.getByRole('button', { name: 'Done' }).click();
    await expect(panel).toBeHidden();
    if (!url || !secret) throw new Error('nothing was revealed');
    return { url, secret };
  }

  /** Adds an outbound webhook for all issue events with the dialog; returns its secret. */
  async addOutbound(name: string, url: string): Promise<string> {
    await this.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'Add outbound webhook' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('URL').fill(url);
    await dialog.getByRole('checkbox', { name: 'All issue events' }).check();
    await dialog.getByRole('button', { name: 'Add webhook' }).click();
    const panel = this.page.getByRole('dialog').filter({ hasText: /You won't see/ });
    const secret = await panel.locator('code').first().textContent();
    await panel.getByRole('button', { name: 'Done' }).click();
    if (!secret) throw new Error('nothing was revealed');
    return secret;
  }

  /** A section of the Webhooks tab. */
  section(name: 'Inbound' | 'Outbound'): Locator {
    return this.page.locator('section').filter({ has: this.page.getByRole('heading', { name, exact: true }) });
  }
}
