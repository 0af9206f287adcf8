// The Webhooks tab.
import { expect, type Locator, type Page } from '@playwright/test';
import { hydrated, signIn } from './account.js';
import { ProjectPage } from './project.js';

export type Provider = 'GitHub' | 'GitLab' | 'Gitea / Forgejo' | 'Jira' | 'Azure DevOps' | 'Linear' | 'Simple URL';

export interface Revealed {
  url: string;
  secret: string;
}

export class WebhooksPage {
  readonly page: Page;

  constructor(readonly project: ProjectPage) {
    this.page = project.page;
  }

  /** The tab of a new project, for the signed-in user. */
  static async start(page: Page): Promise<WebhooksPage> {
    await signIn(page);
    return new WebhooksPage(await ProjectPage.create(page, 'Checkout web', 'WEB'));
  }

  async open(): Promise<void> {
    await this.project.open('/settings/webhooks');
  }

  /** Connects or switches to a tracker on the integration page. */
  async connect(provider: Provider): Promise<void> {
    await this.project.open('/settings/integration');
    await this.page.getByRole('radio', { name: provider }).check();
    const fields: Record<Provider, Array<[string, string]>> = {
      GitHub: [['Repository', 'acme/checkout']],
      GitLab: [['Project path', 'acme/checkout']],
      'Gitea / Forgejo': [
        ['Gitea or Forgejo URL', 'https://git.example.com'],
        ['Repository', 'acme/checkout'],
      ],
      Jira: [
        ['Jira URL', 'https://example.atlassian.net'],
        ['Project key', 'WEB'],
      ],
      'Azure DevOps': [['Organization and project', 'acme/Checkout']],
      Linear: [
        ['Workspace URL', 'https://linear.app/acme'],
        ['Team key', 'ENG'],
      ],
      'Simple URL': [['URL template', 'https://bugs.example.com/{key}']],
    };
    for (const [label, value] of fields[provider]) await this.page.getByLabel(label, { exact: true }).fill(value);
    await this.page.getByRole('button', { name: 'Save' }).click();
  }

  /** Connects a tracker and waits until it is connected. */
  async connected(provider: Provider): Promise<void> {
    await this.connect(provider);
    await expect(this.page.getByRole('heading', { name: provider, exact: true })).toBeVisible();
  }

  /** The button that adds the inbound webhook. */
  get addInbound(): Locator {
    return this.project.section('Inbound').getByRole('button', { name: 'Add webhook' });
  }

  /** The dialog with the new secrets. */
  get reveal(): Locator {
    return this.page.getByRole('dialog').filter({ hasText: /You won't see/ });
  }

  /** Adds an outbound webhook. The type is detected from the URL. */
  async addOutbound(name: string, url: string, events: string): Promise<void> {
    await this.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'Add outbound webhook' });
    await dialog.getByLabel('URL').fill(url);
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByRole('checkbox', { name: events }).check();
    await dialog.getByRole('button', { name: 'Add webhook' }).click();
    await expect(dialog).toBeHidden();
  }

  /** Copies the secrets in the dialog, in order, and closes it. */
  async copied(): Promise<string[]> {
    await expect(this.reveal).toBeVisible();
    const texts = await this.reveal.locator('code').allTextContents();
    await this.reveal.getByRole('button', { name: 'Done' }).click();
    await expect(this.reveal).toBeHidden();
    return texts;
  }

  /** Copies URL and secret. */
  async copiedBoth(): Promise<Revealed> {
    const [url, secret] = await this.copied();
    if (!url || !secret) throw new Error('nothing was revealed');
    return { url, secret };
  }

  card(name: string): Locator {
    return this.page.getByRole('article', { name });
  }

  /** The health badge of a webhook, whose description has the reason. */
  health(name: string): Locator {
    return this.card(name).getByRole('button', { name: /^Health of/ });
  }

  /** Opens the menu of a webhook, unless it is open. */
  async openMenu(name: string): Promise<void> {
    const more = this.card(name).getByRole('button', { name: /^More actions/ });
    if (await this.card(name).getByRole('group', { name: /^More actions/ }).isHidden()) await more.click();
  }

  /** Clicks a button of a webhook, in its menu if it is there. */
  async press(name: string, button: string): Promise<void> {
    const target = this.card(name).getByRole('button', { name: new RegExp(`^${button}`) });
    await expect(this.card(name)).toBeVisible();
    if ((await target.count()) === 0) await this.openMenu(name);
    // A busy button ignores clicks.
    await expect(target).not.toHaveAttribute('aria-busy', 'true');
    await target.click();
  }

  /** Waits for the announcement that a subscription was saved. Call it before the change, because the announcement disappears. */
  async saved(): Promise<void> {
    await this.page.waitForFunction(() =>
      [...document.querySelectorAll('[role="status"]')].some((status) => status.textContent === 'Saved'),
    );
  }

  /** Opens the dialog with the events of a webhook. */
  async showEvents(name: string): Promise<Locator> {
    await this.card(name).getByRole('button', { name: /^(Edit|View) events/ }).click();
    return this.page.getByRole('dialog', { name: `Events of ${name}` });
  }

  /** Opens the events of a subject in the picker. */
  async openSubject(name: string): Promise<void> {
    await this.page.getByRole('group', { name, exact: true }).locator('summary').click();
  }

  /** Confirms the open dialog. */
  async confirm(button: string): Promise<void> {
    const confirming = this.page.getByRole('button', { name: button });
    const dialog = this.page.getByRole('dialog').filter({ visible: true, has: confirming });
    await dialog.getByRole('button', { name: button }).click();
    await expect(dialog).toBeHidden();
  }

  /** Checks that no secret is left in the page, its URL or the browser's history. */
  async expectGone(...secrets: string[]): Promise<void> {
    const left = async () =>
      (await this.page.content()) + (await this.page.evaluate(() => location.href + JSON.stringify(history.state)));
    const before = await left();
    await this.page.reload();
    await hydrated(this.page);
    const after = await left();
    for (const secret of secrets) {
      expect(before, 'the page that revealed it').not.toContain(secret);
      expect(after, 'the page as it is loaded').not.toContain(secret);
    }
  }
}
