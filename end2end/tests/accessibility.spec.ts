// Every page, in light and dark and at 360 px: axe finds no problems, and nothing scrolls sideways.
import { hydrated } from '../pages/account.js';
import { createFullProject } from '../pages/full_project.js';
import { expect, expectAccessible, test } from '../support/test.js';

test.describe('each page', () => {
  // An unknown URL is a 404 on purpose.
  test.use({ expectedErrors: [/status of 404/] });

  test('is accessible in light and dark, and fits 360 px', async ({ page, receiver }) => {
    // Hundreds of runs of axe take a while on two cores.
    test.setTimeout(600_000);
    const scheme = async (colorScheme: 'light' | 'dark') => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForFunction((query) => matchMedia(query).matches, `(prefers-color-scheme: ${colorScheme})`);
      // Chromium changes the colors of elements over several frames, unless they are rendered again.
      await page.evaluate(() => {
        const root = document.documentElement;
        root.style.display = 'none';
        root.getBoundingClientRect();
        root.style.display = '';
      });
    };
    const addresses = await createFullProject(page, `${receiver.url}/hook`);
    for (const address of addresses) {
      await test.step(address, async () => {
        await scheme('light');
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto(address);
        await hydrated(page);
        await expect(page.getByRole('heading').first()).toBeVisible();
        await expectAccessible(page);
        // Only colors differ.
        await scheme('dark');
        await expectAccessible(page, ['color-contrast']);
        await page.setViewportSize({ width: 360, height: 740 });
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(wider, 'pixels beyond the edge').toBeLessThanOrEqual(0);
        await expectAccessible(page, ['color-contrast']);
        await scheme('light');
        await expectAccessible(page);
      });
    }
  });
});

test('the sign-in page is accessible', async ({ page }) => {
  await page.goto('/sign-in');
  await expectAccessible(page);
});
