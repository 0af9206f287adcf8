// Every page, in light and dark and at 360 px: axe finds nothing, and nothing scrolls sideways.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { Testware } from '../pages/testware.js';
import { issuePayload, sendFromGithub } from '../support/github.js';
import { expect, expectAccessible, test } from '../support/test.js';

/** A project with something on each of its pages; returns their addresses. */
async function furnish(page: Page, endpoint: string): Promise<string[]> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.connectGithub('acme/checkout');
  const inbound = await project.addInbound();
  await project.addOutbound('CI trigger', endpoint);
  const issue = { number: 42, title: 'Card payment fails', updatedAt: '2026-01-05T10:00:00Z', labels: ['bug'] };
  await sendFromGithub(inbound, 'issues', issuePayload('opened', issue));
  await project.open('/issues');
  const link = page.getByRole('link', { name: issue.title });
  const detail = (await link.getAttribute('href')) ?? '';
  const testware = await furnishTestware(page, project, issue.title);
  const settings = `/projects/${project.id}/settings`;
  return [
    '/',
    '/account/tokens',
    `/projects/${project.id}/issues`,
    `/projects/${project.id}/issues?new=issue`,
    detail,
    ...testware,
    settings,
    `${settings}/audit`,
    `${settings}/integration`,
    `${settings}/members`,
    `${settings}/webhooks`,
    `${settings}/webhooks?add=outbound`,
    `${settings}/webhooks?tab=deliveries`,
    '/nowhere',
  ];
}

/** A case with steps, a run and a session with results; returns the addresses of their pages. */
async function furnishTestware(page: Page, project: ProjectPage, issue: string): Promise<string[]> {
  const testware = new Testware(page, project);
  const steps = [{ action: 'Enter the card', expected: 'It is accepted' }, { action: 'Pay' }];
  await testware.createCase('Pay by card', steps, 'Critical');
  const testCase = new URL(page.url()).pathname;
  await testware.createRun('Release 1', 'Pay');
  const run = new URL(page.url()).pathname;
  const caseId = testCase.split('/').at(-1);
  await testware.addResult('Pay by card', 'Failed', 'The bank says no', issue);
  await testware.createSession('Around the basket', 'Explore the basket', 90);
  const session = new URL(page.url()).pathname;
  await testware.addResult(undefined, 'Passed', 'All is well');
  const base = `/projects/${project.id}`;
  return [
    `${base}/cases`,
    `${base}/cases?new=case`,
    testCase,
    `${testCase}?edit=case`,
    `${base}/runs`,
    `${base}/runs?new=run`,
    run,
    `${run}?edit=run`,
    `${run}?result=${caseId}`,
    `${base}/sessions`,
    `${base}/sessions?search=nothing`,
    session,
  ];
}

test.describe('each page', () => {
  // The address that leads nowhere is a 404 on purpose.
  test.use({ expectedErrors: [/status of 404/] });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`is accessible and fits 360 px, ${colorScheme}`, async ({ page, receiver }) => {
      // Some sixty readings by axe take their time where two cores do everything.
      test.setTimeout(480_000);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const addresses = await furnish(page, `${receiver.url}/hook`);
      for (const address of addresses) {
        await test.step(address, async () => {
          await page.setViewportSize({ width: 1280, height: 800 });
          await page.goto(address);
          await hydrated(page);
          await expect(page.getByRole('heading').first()).toBeVisible();
          // The browser has taken over what the server wrote: absolute times have become distances.
          await expect(page.locator('main time.when').filter({ hasText: /UTC$/ })).toHaveCount(0);
          await expectAccessible(page);
          await page.setViewportSize({ width: 360, height: 740 });
          const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(wider, 'pixels beyond the edge').toBeLessThanOrEqual(0);
          await expectAccessible(page);
        });
      }
    });
  }
});

test('the sign-in page is accessible', async ({ page }) => {
  await page.goto('/sign-in');
  await expectAccessible(page);
});
