// A project with data on each of its pages, for checks of all pages.
import { expect, type Page } from '@playwright/test';
import { issuePayload, sendFromGithub } from '../support/github.js';
import { signIn } from './account.js';
import { ProjectPage } from './project.js';
import { Testware } from './testware.js';

/** Creates a project with data on each page; returns the URLs. */
export async function createFullProject(page: Page, endpoint: string): Promise<string[]> {
  await signIn(page);
  const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
  await project.integrate({ provider: 'github', repository: 'acme/checkout' });
  const inbound = await project.createInbound();
  await project.createOutbound('CI trigger', endpoint);
  const issue = { number: 42, title: 'Card payment fails', updatedAt: '2026-01-05T10:00:00Z', labels: ['bug'] };
  await sendFromGithub(inbound, 'issues', issuePayload('opened', issue));
  await project.open('/issues');
  const link = page.getByRole('link', { name: issue.title });
  const detail = (await link.getAttribute('href')) ?? '';
  const testware = await addTestware(page, project, issue.title);
  const delivery = await delivered(page, project.id);
  await inspected(page, project.id);
  const settings = `/projects/${project.id}/settings`;
  const [inboundId, outboundId] = await webhookIds(page, project.id);
  return [
    '/',
    '/account',
    '/account/tokens',
    '/notifications',
    '/webhooks',
    '/webhooks?add=outbound',
    `/webhooks/${outboundId}`,
    '/admin/people',
    '/admin/email',
    '/admin/audit',
    '/admin/settings',
    '/admin/webhook-pause',
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
    `${settings}/webhooks/${inboundId}`,
    `${settings}/webhooks/${outboundId}`,
    `${settings}/webhooks/${outboundId}?period=30d`,
    `${settings}/webhooks?tab=deliveries`,
    `${settings}/webhooks?tab=deliveries&status=failed&search=nothing&code=503`,
    `${settings}/webhooks?tab=deliveries&delivery=${delivery}`,
    `${settings}/webhooks?tab=inspector`,
    '/api/docs',
    '/nowhere',
  ];
}

/** The IDs of the webhooks, the inbound one first. */
async function webhookIds(page: Page, project: string): Promise<string[]> {
  const answer = await page.request.get(`/api/v1/projects/${project}/webhooks`);
  return ((await answer.json()) as { items: Array<{ id: string }> }).items.map((webhook) => webhook.id);
}

/** Creates two inspector URLs, one of them with requests. */
async function inspected(page: Page, project: string): Promise<void> {
  for (const requests of [0, 2]) {
    const created = await page.request.post(`/api/v1/projects/${project}/inspector-urls`, { data: {} });
    const { url } = (await created.json()) as { url: string };
    for (let n = 0; n < requests; n += 1) await fetch(`${url}/hook?n=${n}`, { method: 'POST', body: '{"type":"build.finished"}' });
  }
}

/** The ID of a delivery that its endpoint has taken. */
async function delivered(page: Page, project: string): Promise<string> {
  const path = `/api/v1/projects/${project}/deliveries?direction=outbound&status=delivered`;
  await expect.poll(async () => (await deliveries(page, path)).length).toBeGreaterThan(0);
  return (await deliveries(page, path))[0]!.id;
}

async function deliveries(page: Page, path: string): Promise<Array<{ id: string }>> {
  const answer = await page.request.get(path);
  return ((await answer.json()) as { items: Array<{ id: string }> }).items;
}

/** Creates a case with steps, and a run and a session with results; returns the URLs. */
async function addTestware(page: Page, project: ProjectPage, issue: string): Promise<string[]> {
  const testware = new Testware(page, project);
  const steps = [{ action: 'Enter the card', expected: 'It is accepted' }, { action: 'Pay' }];
  await testware.createCase('Pay by card', steps, 'Critical');
  const testCase = new URL(page.url()).pathname;
  await testware.createRun('Release 1', 'Pay');
  const run = new URL(page.url()).pathname;
  const caseId = testCase.split('/').at(-1);
  await testware.addResult('Pay by card', 'Failed', 'The bank says no', issue);
  await testware.createSession('Cart session', 'Explore the cart', 90);
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
