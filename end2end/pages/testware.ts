// Cases, runs and sessions.
import { expect, type Locator, type Page } from '@playwright/test';
import { ProjectPage } from './project.js';

export interface Step {
  action: string;
  expected?: string;
}

export class Testware {
  constructor(
    readonly page: Page,
    readonly project: ProjectPage,
  ) {}

  async list(name: 'Cases' | 'Suites' | 'Shared steps' | 'Custom fields' | 'Test runs' | 'Sessions' | 'Test plans' | 'Milestones' | 'Reviews' | 'Automation runs' | 'CI jobs'): Promise<void> {
    await this.page.getByRole('link', { name, exact: true }).first().click();
    await expect(this.page.getByRole('heading', { name, exact: true })).toBeVisible();
  }

  async createCase(title: string, steps: Step[] = [], priority?: string): Promise<void> {
    await this.list('Cases');
    await this.page.getByRole('link', { name: 'New case' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'New case' });
    await dialog.getByLabel('Title').fill(title);
    if (priority) await dialog.getByLabel('Priority').selectOption(priority);
    for (const [index, step] of steps.entries()) {
      if (index > 0) await dialog.getByRole('button', { name: 'Add step' }).click();
      const row = dialog.getByRole('group', { name: `Step ${index + 1}`, exact: true });
      await row.getByLabel('Action').fill(step.action);
      await row.getByLabel('Expected').fill(step.expected ?? '');
    }
    await dialog.getByRole('button', { name: 'Create case' }).click();
    await expect(this.page.getByRole('heading', { name: title })).toBeVisible();
  }

  /** Creates a run of all cases that match a search. */
  async createRun(name: string, search: string): Promise<void> {
    await this.list('Test runs');
    await this.page.getByRole('link', { name: 'New test run' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'New test run' });
    await dialog.getByLabel('Name').fill(name);
    await expect(dialog.getByRole('checkbox').first()).toBeVisible();
    await dialog.getByRole('searchbox', { name: 'Search cases' }).fill(search);
    // The search is done when no other result is shown.
    await expect(dialog.getByRole('listitem').filter({ hasNotText: search })).toHaveCount(0);
    await dialog.getByRole('button', { name: 'Select all' }).click();
    await expect(dialog.getByText(/[1-9]\d* selected/)).toBeVisible();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(this.page.getByRole('heading', { name })).toBeVisible();
  }

  async createSession(name: string, charter: string, minutes: number): Promise<void> {
    await this.list('Sessions');
    await this.page.getByRole('link', { name: 'New session' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'New session' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Charter').fill(charter);
    await dialog.getByLabel('Time box (min)').fill(String(minutes));
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(this.page.getByRole('heading', { name })).toBeVisible();
  }

  async createMilestone(name: string, dueOn: string): Promise<void> {
    await this.list('Milestones');
    await this.page.getByRole('link', { name: 'New milestone' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'New milestone' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Due date').fill(dueOn);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(this.page.getByRole('heading', { name })).toBeVisible();
  }

  async createPlan(name: string): Promise<void> {
    await this.list('Test plans');
    await this.page.getByRole('link', { name: 'New test plan' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'New test plan' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(this.page.getByRole('heading', { name })).toBeVisible();
  }

  async createSuite(name: string, above?: string): Promise<void> {
    await this.list('Suites');
    await this.page.getByRole('link', { name: 'New suite' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'New suite' });
    await dialog.getByLabel('Name').fill(name);
    if (above) await dialog.getByLabel('Suite above').selectOption(above);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(this.page.getByRole('heading', { name, level: 1 })).toBeVisible();
  }

  async createSharedStep(name: string, steps: string[]): Promise<void> {
    await this.list('Shared steps');
    await this.page.getByRole('link', { name: 'New shared step' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'New shared step' });
    await dialog.getByLabel('Name').fill(name);
    for (const [index, step] of steps.entries()) {
      if (index > 0) await dialog.getByRole('button', { name: 'Add step' }).click();
      await dialog.getByRole('group', { name: `Step ${index + 1}` }).getByLabel('Action').fill(step);
    }
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(this.page.getByRole('heading', { name, level: 1 })).toBeVisible();
  }

  async createCustomField(name: string, type: string, options: string[] = []): Promise<void> {
    await this.list('Custom fields');
    await this.page.getByRole('link', { name: 'New custom field' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'New custom field' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Type').selectOption(type);
    await dialog.getByLabel('Options').fill(options.join('\n'));
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(this.page.getByRole('heading', { name, level: 1 })).toBeVisible();
  }

  /** `parameters` has a line for each. */
  async startCiJob(name: string, branch: string, parameters: string): Promise<void> {
    await this.list('CI jobs');
    await this.page.getByRole('link', { name: 'Start CI job' }).first().click();
    const dialog = this.page.getByRole('dialog', { name: 'Start CI job' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Branch').fill(branch);
    await dialog.getByLabel('Parameters').fill(parameters);
    await dialog.getByRole('button', { name: 'Start CI job' }).click();
    await expect(this.page.getByRole('heading', { name, level: 1 })).toBeVisible();
  }

  /** Chooses a milestone for the run or session of the page. */
  async chooseMilestone(name: string): Promise<void> {
    await this.act('Edit');
    const dialog = this.page.getByRole('dialog', { name: /^Edit/ });
    await dialog.getByLabel('Milestone').selectOption(name);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
  }

  /** Adds a result to a case of the current run, or to the current session. */
  async addResult(to: string | undefined, status: string, comment: string, issue?: string): Promise<void> {
    const link = to ? this.row(to).getByRole('link', { name: /^Add result/ }) : this.page.getByRole('link', { name: 'Add result' });
    await link.click();
    const dialog = this.page.getByRole('dialog', { name: /^Add result/ });
    await dialog.getByRole('radio', { name: status }).check();
    await dialog.getByLabel('Comment').fill(comment);
    await dialog.getByLabel('Duration (min)').fill('2.5');
    if (issue) {
      await dialog.getByRole('searchbox', { name: 'Search issues' }).fill(issue);
      await dialog.getByRole('checkbox', { name: issue }).check();
    }
    await dialog.getByRole('button', { name: 'Add result' }).click();
    await expect(dialog).toBeHidden();
    await expect(this.page.getByRole('row').filter({ hasText: comment })).toContainText(status);
  }

  /** The first row with a text. */
  row(text: string): Locator {
    return this.page.getByRole('row').filter({ hasText: text }).first();
  }

  /** Clicks an action in the page's head, in its menu if it is there. */
  async act(action: 'Abort' | 'Complete' | 'Delete' | 'Duplicate' | 'Edit'): Promise<void> {
    const name = new RegExp(`^${action} (issue|case|suite|shared step|custom field|test run|session|test plan|milestone|review|automation run)$`);
    const target = this.page.getByRole('button', { name }).or(this.page.getByRole('link', { name }));
    if ((await target.count()) === 0) await this.page.getByRole('button', { name: 'More actions' }).click();
    await target.click();
  }

  /** Clicks an action in the page's head and confirms. */
  async confirm(action: 'Abort' | 'Complete' | 'Delete'): Promise<void> {
    await this.act(action);
    const dialog = this.page.getByRole('dialog', { name: new RegExp(`^${action} this`) });
    await dialog.getByRole('button', { name: new RegExp(`^${action} `) }).click();
    await expect(dialog).toBeHidden();
  }
}
