// Uses a client that is generated from Testbell's OpenAPI document. The compiler checks the types;
// running it checks that the server's responses match them.
import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import createClient from 'openapi-fetch';
import type { components, operations, paths, webhooks } from './generated/schema.js';

type Schemas = components['schemas'];

const [base, token] = process.argv.slice(2);
const client = createClient<paths>({
  baseUrl: `${base}/api/v1`,
  headers: { Authorization: `Bearer ${token}` },
});

/** The data of a call that must succeed. */
function answered<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

/** All times have milliseconds. */
function isTime(time: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time);
}

const project = answered(await client.POST('/projects', { body: { key: 'WEB', name: 'Web shop' } }));
const role: 'member' | 'admin' = project.role;
strictEqual(role, 'admin');
ok(isTime(project.createdAt), project.createdAt);
const id = { path: { id: project.id } };

const created = answered(
  await client.POST('/projects/{id}/webhooks', {
    params: id,
    body: { name: 'CI', url: 'http://127.0.0.1:9/', events: ['test_run.*', 'issue.created'] },
  }),
);
ok(created.reveal?.secret?.startsWith('whsec_'));
const webhook: Schemas['Webhook'] = created.webhook;
const health: 'healthy' | 'degraded' | 'disabled' = webhook.health;
strictEqual(health, 'healthy');
const lastSuccess: string | null = webhook.lastSuccessAt;
strictEqual(lastSuccess, null);

const changed = answered(
  await client.PATCH('/webhooks/{id}', {
    params: { path: { id: webhook.id } },
    body: { removeEvents: ['test_run.created'], addEvents: ['case.*'] },
  }),
);
ok(changed.events.includes('case.*') && !changed.events.includes('test_run.*'), changed.events.join());

// Operations are named after what they do.
type CreateCase = operations['createCase']['requestBody']['content']['application/json'];
const newCase: CreateCase = { title: 'Pay by card', priority: 'high', steps: [{ action: 'Pay', expected: 'Paid' }] };
const testCase = answered(
  await client.POST('/projects/{id}/cases', {
    params: id,
    body: newCase,
  }),
);
const run = answered(
  await client.POST('/projects/{id}/runs', { params: id, body: { name: 'Release 1', caseIds: [testCase.id] } }),
);
const result = answered(
  await client.POST('/runs/{id}/results', {
    params: { path: { id: run.id } },
    body: { caseId: testCase.id, status: 'failed' },
  }),
);
strictEqual(result.status, 'failed');
const completed = answered(await client.POST('/runs/{id}/complete', { params: { path: { id: run.id } } }));
ok(completed.completedAt !== null && isTime(completed.completedAt));

const cases = answered(
  await client.GET('/projects/{id}/cases', { params: { ...id, query: { priority: 'high', limit: 1 } } }),
);
deepStrictEqual(cases.items.map((item) => item.key), [testCase.key]);
strictEqual(cases.nextCursor, null);

// A list, page by page.
await client.POST('/projects/{id}/cases', { params: id, body: { title: 'Pay by invoice' } });
const titles: string[] = [];
let cursor: string | undefined;
do {
  const page = answered(await client.GET('/projects/{id}/cases', { params: { ...id, query: { limit: 1, cursor } } }));
  titles.push(...page.items.map((item) => item.title));
  cursor = page.nextCursor ?? undefined;
} while (cursor);
deepStrictEqual(titles, ['Pay by invoice', 'Pay by card']);

const missing = await client.GET('/cases/{id}', { params: { path: { id: `cas_${'0'.repeat(26)}` } } });
strictEqual(missing.response.status, 404);
ok(missing.error?.detail.startsWith('Not found'), missing.error?.detail);

const deliveries = answered(
  await client.GET('/projects/{id}/deliveries', { params: { ...id, query: { direction: 'outbound' } } }),
);
const sent = new Set(deliveries.items.map((delivery) => delivery.event));
ok(sent.has('test_run.completed') && sent.has('case.created') && !sent.has('test_run.created'), [...sent].join());

const events = answered(await client.GET('/events'));
type Received = webhooks['test_run.completed']['post']['requestBody']['content']['application/json'];
const sample = events.find((event) => event.type === 'test_run.completed')?.sample as unknown as Received;
const state: 'new' | 'in_progress' | 'blocked' | 'in_review' | 'done' = sample.data.state;
strictEqual(state, 'done');
ok(events.some((event) => event.type === 'webhook.test'));

// The server refuses what the compiler refuses.
const bad = await client.POST('/projects/{id}/webhooks', {
  params: id,
  // @ts-expect-error: events are required
  body: { name: 'CI', url: 'http://127.0.0.1:9/' },
});
strictEqual(bad.response.status, 422);
const problem: Schemas['Problem'] | undefined = bad.error;
ok(problem?.errors?.events, JSON.stringify(problem));
const unknown = await client.PATCH('/webhooks/{id}', {
  params: { path: { id: webhook.id } },
  // @ts-expect-error: the field doesn't exist
  body: { enabled: false },
});
strictEqual(unknown.error?.errors?.enabled, 'Unknown field.');
const wrong = await client.GET('/projects/{id}/cases', {
  // @ts-expect-error: values are in lower case
  params: { ...id, query: { priority: 'High' } },
});
strictEqual(wrong.response.status, 422);

const gone = await client.DELETE('/webhooks/{id}', { params: { path: { id: webhook.id } } });
strictEqual(gone.response.status, 204);
console.log('a generated client made, read, changed and deleted what it wanted');
