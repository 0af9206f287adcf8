// Takes the pictures of the guides in docs/images. `npm run pictures` in end2end replaces all of them.
import { fileURLToPath } from 'node:url';
import { type Locator } from '@playwright/test';
import { type Provider, WebhooksPage } from '../pages/webhooks.js';
import { expect, test } from '../support/test.js';

const FOLDER = fileURLToPath(new URL('../../docs/images/', import.meta.url));

/** The picture of an element. Secrets of the test server are replaced by dots. */
async function picture(element: Locator, name: string): Promise<void> {
  await element.evaluate((root) => {
    for (const code of root.querySelectorAll('code')) {
      code.textContent = (code.textContent ?? '')
        .replace(/^http:\/\/[^/]+/, 'https://testbell.example.com')
        .replace(/(whk_|whsec_).+$|^[A-Za-z0-9+/=_-]{24,}$/, (_, prefix: string | undefined) => `${prefix ?? ''}${'•'.repeat(12)}`);
    }
  });
  await element.screenshot({ path: `${FOLDER}${name}.png`, animations: 'disabled' });
}

const destinations = {
  slack: ['Slack', 'https://hooks.slack.com/services/T00000000/B00000000/example'],
  teams: [
    'Microsoft Teams',
    'https://example.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/example/triggers/manual/paths/invoke?sig=example',
  ],
  discord: ['Discord', 'https://discord.com/api/webhooks/000000000000000000/example'],
  'google-chat': ['Google Chat', 'https://chat.googleapis.com/v1/spaces/example/messages?key=example&token=example'],
  jenkins: ['Jenkins', 'https://jenkins.example.com/generic-webhook-trigger/invoke?token=example'],
} as const;

for (const [name, [label, url]] of Object.entries(destinations)) {
  test(`${label}: adding a webhook`, async ({ page }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.open();
    await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add outbound webhook' });
    await dialog.getByLabel('URL').fill(url);
    await dialog.getByLabel('Name').fill('#qa-alerts');
    await expect(dialog.getByRole('radio', { name: label })).toBeChecked();
    await dialog.getByText(/^How to get/).click();
    await picture(dialog, `add-${name}`);
  });
}

test('Generic: adding a webhook', async ({ page }) => {
  const webhooks = await WebhooksPage.start(page);
  await webhooks.open();
  await webhooks.project.section('Outbound').getByRole('link', { name: 'Add webhook' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Add outbound webhook' });
  await dialog.getByLabel('URL').fill('https://ci.example.com/hooks/testbell');
  await dialog.getByLabel('Name').fill('CI trigger');
  await expect(dialog.getByRole('radio', { name: 'Generic' })).toBeChecked();
  await webhooks.openSubject('Test runs');
  await dialog.getByRole('checkbox', { name: 'test_run.completed' }).check();
  // The URL and the type are at the top.
  await dialog.getByLabel('URL').focus();
  await picture(dialog, 'add-generic');
});

const trackers: Record<string, Provider> = {
  github: 'GitHub',
  gitlab: 'GitLab',
  gitea: 'Gitea / Forgejo',
  jira: 'Jira',
  'azure-devops': 'Azure DevOps',
  linear: 'Linear',
};

for (const [name, provider] of Object.entries(trackers)) {
  test(`${provider}: setting up the webhook`, async ({ page }) => {
    const webhooks = await WebhooksPage.start(page);
    await webhooks.connected(provider);
    await webhooks.open();
    await webhooks.addInbound.click();
    if (provider === 'Azure DevOps') {
      const form = page.getByRole('dialog', { name: 'Azure DevOps credentials' });
      await form.getByLabel('Username').fill('testbell');
      await form.getByLabel('Password').fill('a long random password');
      await form.getByRole('button', { name: 'Add webhook' }).click();
    }
    await webhooks.reveal.getByRole('listitem').first().waitFor();
    await picture(webhooks.reveal, `connect-${name}`);
  });
}
