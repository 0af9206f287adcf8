// Setup and sign-in.
import { expect, type Page } from '@playwright/test';
import { ADMIN } from '../support/server.js';

export async function setUp(page: Page, name = 'Ada Admin'): Promise<void> {
  await page.goto('/');
  await expect(page).toHaveURL(/\/setup$/);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Email').fill(ADMIN.email);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Projects' })).toBeVisible();
}

/** Signs in with a request; the page stays where it is. Much faster than the form. */
export async function signIn(page: Page, email = ADMIN.email, password = ADMIN.password): Promise<void> {
  const answer = await page.request.post('/session', { form: { next: '', email, password }, maxRedirects: 0 });
  expect([answer.status(), answer.headers()['location']], 'the response to the form').toEqual([303, '/']);
}

/** Signs in with the form, which leads to the projects. */
export async function signInByForm(page: Page, email = ADMIN.email, password = ADMIN.password): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Projects' })).toBeVisible();
}

/** Waits until the page is hydrated. Clicks that need the script have no effect before. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-ready', '');
}
