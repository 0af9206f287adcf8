// Simulates GitLab, Gitea, Linear, Jira and Azure DevOps.
import { createHmac } from 'node:crypto';
import type { Inbound } from './github.js';

export async function sendFromGitlab(to: Inbound, body: string): Promise<Response> {
  return fetch(to.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Gitlab-Event': 'Issue Hook', 'X-Gitlab-Token': to.secret },
    body,
  });
}

export async function sendFromGitea(to: Inbound, body: string): Promise<Response> {
  const signature = createHmac('sha256', to.secret).update(body).digest('hex');
  return fetch(to.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Gitea-Event': 'issues', 'X-Gitea-Signature': signature },
    body,
  });
}

export async function sendFromJira(to: Inbound, body: string): Promise<Response> {
  const signature = createHmac('sha256', to.secret).update(body).digest('hex');
  return fetch(to.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Hub-Signature': `sha256=${signature}` },
    body,
  });
}

export async function sendFromAzure(url: string, username: string, password: string, body: string): Promise<Response> {
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Basic ${basic}` },
    body,
  });
}

export async function sendFromLinear(to: Inbound, body: string): Promise<Response> {
  const signature = createHmac('sha256', to.secret).update(body).digest('hex');
  return fetch(to.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json; charset=utf-8', 'Linear-Event': 'Issue', 'Linear-Signature': signature },
    body,
  });
}

/** A small payload of a new GitLab issue, with the date format of older versions. */
export function gitlabIssue(iid: number, title: string): string {
  return JSON.stringify({
    object_kind: 'issue',
    project: { path_with_namespace: 'acme/checkout' },
    object_attributes: { id: 10042, iid, title, state: 'opened', action: 'open', updated_at: '2026-01-05 10:00:00 UTC' },
  });
}

/** A small payload of a new issue in Linear. */
export function linearIssue(number: number, title: string): string {
  const data = { id: '2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9', identifier: `ENG-${number}`, title, state: { name: 'Todo', type: 'unstarted' } };
  return JSON.stringify({ type: 'Issue', action: 'create', data });
}

/** A small payload of a new issue in Gitea. */
export function giteaIssue(number: number, title: string): string {
  return JSON.stringify({
    action: 'opened',
    issue: { id: 10042, number, title, state: 'open', updated_at: '2026-01-05T10:00:00Z' },
    repository: { full_name: 'acme/checkout' },
  });
}

/** A small payload of a new Jira issue, with Jira's date format. */
export function jiraIssue(key: string, summary: string): string {
  const updated = '2026-01-05T10:00:00.000-0800';
  return JSON.stringify({
    timestamp: 1767636000000,
    webhookEvent: 'jira:issue_created',
    issue_event_type_name: 'issue_created',
    issue: {
      id: '10042',
      key,
      self: 'https://example.atlassian.net/rest/api/2/issue/10042',
      fields: {
        summary,
        description: 'Seen *twice* today.',
        status: { name: 'To Do', statusCategory: { key: 'new' } },
        priority: { name: 'High' },
        issuetype: { name: 'Bug' },
        labels: ['checkout'],
        assignee: null,
        created: updated,
        updated,
      },
    },
  });
}

/** A small payload of a new work item in Azure DevOps. */
export function azureWorkItem(id: number, title: string): string {
  return JSON.stringify({
    subscriptionId: '00000000-0000-0000-0000-000000000001',
    notificationId: 1,
    id: '00000000-0000-0000-0000-000000000002',
    eventType: 'workitem.created',
    publisherId: 'tfs',
    resource: {
      id,
      rev: 1,
      fields: {
        'System.TeamProject': 'Checkout',
        'System.WorkItemType': 'Bug',
        'System.State': 'New',
        'System.Title': title,
        'System.CreatedDate': '2026-01-05T10:00:00.000Z',
        'System.ChangedDate': '2026-01-05T10:00:00.000Z',
      },
      _links: { html: { href: `https://dev.azure.com/acme/web/wi.aspx?id=${id}` } },
      url: `https://dev.azure.com/acme/_apis/wit/workItems/${id}`,
    },
    resourceVersion: '1.0',
    createdDate: '2026-01-05T10:00:01.000Z',
  });
}
