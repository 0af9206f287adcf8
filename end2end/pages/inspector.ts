// The Inspector tab.
import { expect, type Locator, type Page } from '@playwright/test';
import type { ProjectPage } from './project.js';

export class InspectorPage {
  readonly page: Page;

  constructor(readonly project: ProjectPage) {
    this.page = project.page;
  }

  async open(): Promise<void> {
    await this.project.open('/settings/webhooks?tab=inspector');
  }

  /** Creates a URL and returns it. */
  async create(): Promise<string> {
    const before = await this.url.count();
    const old = before > 0 ? await this.url.textContent() : '';
    await this.page.getByRole('button', { name: 'Create URL' }).click();
    await expect(this.url).not.toHaveText(old ?? '');
    return (await this.url.textContent()) ?? '';
  }

  /** The shown URL. */
  get url(): Locator {
    return this.page.locator('.url-row code');
  }

  /** The requests in the list that contain a text. */
  requests(text: string | RegExp = ''): Locator {
    return this.page.locator('.request-list li').filter({ hasText: text });
  }

  /** The request on the right. */
  get detail(): Locator {
    return this.page.locator('.inspected');
  }

  /** Clicks an item of the menu. */
  async choose(item: string): Promise<void> {
    await this.page.getByRole('button', { name: 'More actions', exact: true }).click();
    const target = this.page.locator('#inspector-menu').getByText(item, { exact: true });
    await target.click();
  }
}
