// The Deliveries tab.
import { expect, type Locator, type Page } from '@playwright/test';
import { hydrated } from './account.js';
import type { ProjectPage } from './project.js';

export class DeliveriesPage {
  readonly page: Page;

  constructor(readonly project: ProjectPage) {
    this.page = project.page;
  }

  /** Opens the tab with filters, e.g. `status=failed`. */
  async open(filters = ''): Promise<void> {
    await this.project.open(`/settings/webhooks?tab=deliveries${filters && `&${filters}`}`);
  }

  /** The rows that contain a text, without the header. */
  rows(text: string | RegExp = ''): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('cell') }).filter({ hasText: text });
  }

  /** Opens the fields of the time filter. */
  async openTimes(): Promise<void> {
    await this.page.getByRole('button', { name: /^Time/ }).click();
  }

  get drawer(): Locator {
    return this.page.getByRole('dialog', { name: 'Delivery' });
  }

  /** Opens the drawer of the first row that contains a text. */
  async show(text: string | RegExp): Promise<void> {
    await this.rows(text).first().getByRole('link').first().click();
    await expect(this.drawer.getByRole('heading').first()).toBeVisible();
  }

  get replaySelected(): Locator {
    return this.page.getByRole('button', { name: /^Replay \d+ deliver/ });
  }

  /** Replays all matching deliveries, and confirms it. */
  async replayAll(): Promise<void> {
    await this.page.getByRole('button', { name: /^Replay all/ }).click();
    const dialog = this.page.getByRole('dialog', { name: /^Replay all/ });
    await dialog.getByRole('button', { name: 'Replay all matching' }).click();
    await expect(dialog).toBeHidden();
  }

  /** A toast with this text. */
  message(text: string): Locator {
    return this.page.getByRole('status', { name: 'Messages' }).getByText(text, { exact: true });
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await hydrated(this.page);
  }
}
