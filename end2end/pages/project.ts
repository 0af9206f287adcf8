// A project and its settings.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Inbound } from '../support/github.js';
import { hydrated } from './account.js';

export class ProjectPage {
  constructor(
    readonly page: Page,
    readonly id: string,
  ) {}

  /** Creates a project with the dialog. */
  static async create(page: Page, name: string, key: string): Promise<ProjectPage> {
    await page.goto('/');
    await hydrated(page);
    await page.getByRole('link', { name: 'New project' }).click();
    const dialog = page.getByRole('dialog', { name: 'New project' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Key').fill(key);
    await dialog.getByRole('button', { name: 'Create project' }).click();
    await expect(page.getByRole('heading', { name: 'Issues', exact: true })).toBeVisible();
    const id = /prj_[a-z0-9]+/.exec(page.url())?.[0];
    if (!id) throw new Error(`no project in ${page.url()}`);
    return new ProjectPage(page, id);
  }

  async open(path: string): Promise<void> {
    await this.page.goto(`/projects/${this.id}${path}`);
    await hydrated(this.page);
  }

  async connectGithub(repository: string): Promise<void> {
    await this.page.getByRole('link', { name: 'Issue integration' }).click();
    await this.page.getByRole('radio', { name: 'GitHub' }).check();
    await this.page.getByLabel('Repository', { exact: true }).fill(repository);
    await this.page.getByRole('button', { name: 'Save' }).click();
    await expect(this.page.getByRole('heading', { name: 'GitHub', exact: true })).toBeVisible();
  }

  /** Adds the inbound webhook and copies its secrets. */
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

  /** Adds an outbound webhook for all issue events; returns its secret. */
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
