// Single sign-on with a real OpenID Connect provider, which has pages of its own on another site.
import type { Page } from '@playwright/test';
import { hydrated, signIn, signInByForm } from '../pages/account.js';
import { ProjectPage } from '../pages/project.js';
import { type Account, IdentityProvider } from '../support/identity_provider.js';
import type { Server } from '../support/server.js';
import { expect, expectAccessible, test } from '../support/test.js';

/** Each test fills it with the settings of its provider, before it restarts the server. */
const settings: Record<string, string> = {};

// The provider has no icon.
test.use({ serverOptions: { env: settings }, expectedErrors: [/status of 404/] });

async function startProvider(server: Server, accounts: Record<string, Account>): Promise<IdentityProvider> {
  const provider = await IdentityProvider.start(server.url, accounts);
  Object.assign(settings, provider.env);
  await server.stop();
  await server.restart();
  return provider;
}

function account(name: string, groups: string[], verified = true): Account {
  return { email: `${name.toLowerCase()}@example.com`, email_verified: verified, name, groups };
}

/** The provider's pages load a font from elsewhere. */
async function withoutFonts(page: Page): Promise<void> {
  await page.route('https://fonts.googleapis.com/**', (route) => route.fulfill({ contentType: 'text/css', body: '' }));
}

/** Signs in at the pages of the provider. */
async function signInAtProvider(page: Page, login: string): Promise<void> {
  await page.getByRole('link', { name: 'Sign in with Acme ID' }).click();
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('a user signs in at the provider and gets the projects of the claim', async ({ page, browser, server, watch }) => {
  const provider = await startProvider(server, { ada: account('Ada', ['leads']) });
  await signIn(page);
  const project = await ProjectPage.create(page, 'Web shop', 'WEB');
  const other = await browser.newContext({ baseURL: server.url });
  watch(other);
  const user = await other.newPage();
  await withoutFonts(user);
  await user.goto(`/projects/${project.id}/settings/members`);
  await expect(user).toHaveURL(/sign-in/);
  await expectAccessible(user);
  await signInAtProvider(user, 'ada');
  // Back on the page that was asked for.
  await expect(user).toHaveURL(`${server.url}/projects/${project.id}/settings/members`);
  const row = user.getByRole('row').filter({ hasText: 'ada@example.com' });
  await expect(row).toContainText('From single sign-on');
  await expect(row.getByRole('combobox')).toHaveValue('admin');

  // The claim changes at the provider, and the next sign-in follows it.
  provider.accounts.ada = account('Ada', []);
  await other.clearCookies({ name: 'testbell_session' });
  await user.goto('/sign-in');
  // The provider still knows the user.
  await user.getByRole('link', { name: 'Sign in with Acme ID' }).click();
  await expect(user.getByText('No projects yet')).toBeVisible();
  await other.close();

  await page.goto('/admin/people');
  await hydrated(page);
  const person = page.getByRole('row').filter({ hasText: 'ada@example.com' });
  await expect(person).toContainText('Single sign-on');
  await expectAccessible(page);
  await person.getByRole('button', { name: 'Unlink single sign-on' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Unlink single sign-on' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Single sign-on unlinked' })).toBeVisible();
  await expect(person).not.toContainText('Single sign-on');
  await provider.stop();
});

test('a refused user learns why, and passwords still work', async ({ page, server }) => {
  const provider = await startProvider(server, { eve: account('Eve', ['leads'], false), bob: account('Bob', []) });
  await withoutFonts(page);
  await page.goto('/sign-in');
  await signInAtProvider(page, 'eve');
  await expect(page.getByRole('alert')).toContainText('Your email address is not verified at the sign-in provider.');
  await page.context().clearCookies();
  await signInAtProvider(page, 'bob');
  await expect(page.getByRole('alert')).toContainText('You have no account here.');
  await provider.stop();
  // The page may still be loading its icon.
  await page.goto('about:blank');
  // The server would remember the provider for a while.
  await server.stop();
  await server.restart();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Sign in with Acme ID' }).click();
  await expect(page.getByRole('alert')).toContainText(/The sign-in provider is not available/);
  await expectAccessible(page);
  await signInByForm(page);
  await expect(page.getByText('No projects yet')).toBeVisible();
});
