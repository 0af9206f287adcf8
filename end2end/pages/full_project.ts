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
    `/projects/${project.id}/dashboard`,
    `/projects/${project.id}/issues`,
    `/projects/${project.id}/issues?new=issue`,
    detail,
    ...testware,
    settings,
    `${settings}/audit`,
    `${settings}/events`,
    `${settings}/events?new=event`,
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

/** Creates a case with steps, a run and a session with results, a milestone, a plan, a suite, a shared step, a custom field, a review, an automation run and CI jobs; returns the URLs. */
async function addTestware(page: Page, project: ProjectPage, issue: string): Promise<string[]> {
  const testware = new Testware(page, project);
  const steps = [{ action: 'Enter the card', expected: 'It is accepted' }, { action: 'Pay' }];
  await testware.createCase('Pay by card', steps, 'Critical');
  const testCase = new URL(page.url()).pathname;
  await testware.createRun('Release 1', 'Pay');
  const run = new URL(page.url()).pathname;
  const caseId = testCase.split('/').at(-1);
  await testware.addResult('Pay by card', 'Failed', 'The bank says no', issue);
  const shared = await page.request.post(`/api/v1/runs/${run.split('/').at(-1)}/public-link`);
  const publicRun = new URL(((await shared.json()) as { url: string }).url).pathname;
  await testware.createSession('Cart session', 'Explore the cart', 90);
  const session = new URL(page.url()).pathname;
  await testware.addResult(undefined, 'Passed', 'All is well');
  await page.request.post(`/api/v1/sessions/${session.split('/').at(-1)}/notes`, { data: { text: 'The cart is **empty**' } });
  await testware.createMilestone('Release 1', '2030-12-24');
  const milestone = new URL(page.url()).pathname;
  await testware.createPlan('All browsers');
  const plan = new URL(page.url()).pathname;
  await testware.createSuite('Checkout');
  const suite = new URL(page.url()).pathname;
  await testware.createSharedStep('Sign in', ['Open the shop', 'Sign in']);
  const sharedStep = new URL(page.url()).pathname;
  await testware.createCustomField('Browser', 'Choice', ['Chrome', 'Firefox']);
  const customField = new URL(page.url()).pathname;
  await page.goto(session);
  await testware.chooseMilestone('Release 1');
  const base = `/projects/${project.id}`;
  const report = await page.request.post(`/api/v1${base}/automation-runs`, {
    data: '<testsuite><testcase name="pays"><failure message="402"/></testcase></testsuite>',
    headers: { 'content-type': 'application/xml' },
  });
  const { id: runId } = (await report.json()) as { id: string };
  const automationRun = `${base}/automation-runs/${runId}`;
  await testware.startCiJob('Nightly checkout tests', 'main', 'BROWSER=firefox\nSHARDS=4');
  const completedJob = new URL(page.url()).pathname;
  const completed = await page.request.post(`/api/v1/ci-jobs/${completedJob.split('/').at(-1)}/complete`, {
    data: { outcome: 'failed', url: 'https://ci.example/7', automationRunId: runId },
  });
  expect(completed.ok(), await completed.text()).toBe(true);
  await testware.startCiJob('Smoke tests', '', '');
  const queuedJob = new URL(page.url()).pathname;
  const reviewed = await page.request.post(`/api/v1${base}/reviews`, {
    data: {
      title: 'Saved cards',
      caseId,
      proposal: {
        title: 'Pay by saved card',
        preconditions: 'A cart',
        steps: [{ action: 'Enter the code', expected: 'It is accepted' }],
        priority: 'high',
        labels: ['card'],
      },
    },
  });
  const review = `${base}/reviews/${((await reviewed.json()) as { id: string }).id}`;
  return [
    `${base}/cases`,
    `${base}/cases?new=case`,
    testCase,
    `${testCase}?history=open`,
    `${testCase}?propose=review`,
    `${base}/reviews`,
    `${base}/reviews?new=review`,
    review,
    `${review}?edit=review`,
    `${testCase}?edit=case`,
    `${base}/runs`,
    `${base}/runs?new=run`,
    run,
    `${run}?edit=run`,
    `${run}?result=${caseId}`,
    `${run}?share=link`,
    `${run}?assign=${caseId}`,
    `${run}?mine=true`,
    `${run}/report`,
    publicRun,
    `${base}/sessions`,
    `${base}/sessions?search=nothing`,
    session,
    `${base}/milestones`,
    `${base}/milestones?new=milestone`,
    milestone,
    `${milestone}?edit=milestone`,
    `${milestone}/report`,
    `${base}/plans`,
    `${base}/plans?new=plan`,
    plan,
    `${plan}?edit=plan`,
    `${plan}/report`,
    `${base}/suites`,
    `${base}/suites?new=suite`,
    suite,
    `${suite}?edit=suite`,
    `${base}/shared-steps`,
    `${base}/shared-steps?new=shared_step`,
    sharedStep,
    `${sharedStep}?edit=shared_step`,
    `${base}/custom-fields`,
    `${base}/custom-fields?new=custom_field`,
    customField,
    `${customField}?edit=custom_field`,
    `${base}/automation-runs`,
    `${base}/automation-runs?new=automation_run`,
    automationRun,
    `${base}/ci-jobs`,
    `${base}/ci-jobs?new=ci_job`,
    completedJob,
    queuedJob,
    `${queuedJob}?complete=ci_job`,
  ];
}
