// Causes events: creates issues over the REST API as the signed-in user.
import { expect, type Page } from '@playwright/test';

/** Creates issues in order, one event each. */
export async function makeIssues(page: Page, project: string, titles: string[]): Promise<void> {
  for (const title of titles) {
    const answer = await page.request.post(`/api/v1/projects/${project}/issues`, { data: { title } });
    expect(answer.status(), await answer.text()).toBe(201);
  }
}

/** Numbered titles. */
export function titles(count: number, prefix = 'Issue'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix} ${index + 1}`);
}
