// Simulates GitHub: signs a payload and posts it.
import { createHmac } from 'node:crypto';

export interface Inbound {
  url: string;
  secret: string;
}

export async function sendFromGithub(to: Inbound, event: string, body: Buffer | string): Promise<Response> {
  const signature = createHmac('sha256', to.secret).update(body).digest('hex');
  return fetch(to.url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-GitHub-Event': event,
      'X-Hub-Signature-256': `sha256=${signature}`,
    },
    body: body as BodyInit,
  });
}

interface IssueState {
  number: number;
  title: string;
  state?: 'open' | 'closed';
  updatedAt: string;
  labels?: string[];
}

/** A small payload of an `issues` event, for tests without recorded payloads. */
export function issuePayload(action: string, issue: IssueState): string {
  const { number, title, state = 'open', updatedAt, labels = [] } = issue;
  return JSON.stringify({
    action,
    issue: {
      id: 7_000_000 + number,
      number,
      title,
      state,
      body: 'Seen **twice** today.',
      html_url: `https://github.com/acme/checkout/issues/${number}`,
      labels: labels.map((name) => ({ name })),
      assignees: [{ login: 'octocat' }],
      updated_at: updatedAt,
    },
    repository: { full_name: 'acme/checkout' },
    sender: { login: 'octocat' },
  });
}

/** A small payload of a `milestone` event. */
export function milestonePayload(action: string, title: string, updatedAt: string): string {
  return JSON.stringify({
    action,
    milestone: {
      id: 1_002_604,
      number: 1,
      title,
      description: 'All **payment** methods',
      state: 'open',
      html_url: 'https://github.com/acme/checkout/milestone/1',
      due_on: '2030-12-24T08:00:00Z',
      updated_at: updatedAt,
    },
    repository: { full_name: 'acme/checkout' },
    sender: { login: 'octocat' },
  });
}
