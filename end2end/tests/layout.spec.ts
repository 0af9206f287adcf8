// Nothing moves by itself, neither during hydration nor as time passes.
import type { Page } from '@playwright/test';
import { hydrated, signIn } from '../pages/account.js';
import { createFullProject } from '../pages/full_project.js';
import { LivePage } from '../pages/live.js';
import { ProjectPage } from '../pages/project.js';
import { PartialPages } from '../support/partial_page.js';
import { expect, test } from '../support/test.js';

/** Records the layout shifts of all pages from now on. */
async function recordShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    type Shift = PerformanceEntry & { value: number; sources: Array<{ node?: Node; previousRect: DOMRect; currentRect: DOMRect }> };
    const rect = ({ x, y, width, height }: DOMRect) => `${x},${y} ${width}x${height}`;
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries() as Shift[]) {
        const moved = shift.sources.map(({ node, previousRect, currentRect }) => {
          const element = node instanceof Element ? node : node?.parentElement;
          return `${element?.outerHTML.slice(0, 120)} from ${rect(previousRect)} to ${rect(currentRect)}`;
        });
        shifts.push(`${shift.value.toFixed(5)}: ${moved.join('; ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** The layout shifts since the last call. */
async function shifts(page: Page): Promise<string[]> {
  // Layout shifts are reported after the frame in which they happen.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return page.evaluate(() => (window as unknown as { shifts: string[] }).shifts.splice(0));
}

/** The left edges of all visible columns, with and without the rows below them. */
async function columnEdges(page: Page): Promise<{ withRows: number[]; withoutRows: number[] }> {
  return page.evaluate(() => {
    const edges = () => [...document.querySelectorAll('thead th')].filter((heading) => heading.checkVisibility()).map((heading) => Math.round(heading.getBoundingClientRect().x));
    const withRows = edges();
    const rows = [...document.querySelectorAll<HTMLElement>('tbody tr')];
    rows.forEach((row) => row.style.setProperty('display', 'none'));
    const withoutRows = edges();
    rows.forEach((row) => row.style.removeProperty('display'));
    return { withRows, withoutRows };
  });
}

/** Lets the page stop arriving in its last cell, and returns that row if it shows. */
async function visibleIncompleteRows(page: Page, address: string, pages: PartialPages): Promise<string[]> {
  const html = await (await page.request.get(address)).text();
  const lastCell = html.lastIndexOf('</td>');
  // The API reference is not a page of the app: nothing in it moves, and it shows while it arrives.
  if (lastCell < 0 || address === '/api/docs') return [];
  const origin = new URL(page.url()).origin;
  const slow = await page.context().newPage();
  await slow.goto(pages.serve(html.slice(0, lastCell), origin), { waitUntil: 'commit' });
  const cells = html.split('</td>').length - 1;
  // Without its styles, nothing of the page is painted.
  await slow.waitForFunction((cells) => {
    const isStyled = getComputedStyle(document.documentElement).getPropertyValue('--ink') !== '';
    return isStyled && document.querySelectorAll('td').length === cells;
  }, cells);
  // What counts is what a frame shows, and a screenshot waits for one.
  await slow.screenshot();
  const visible = await slow.evaluate(() => {
    const row = [...document.querySelectorAll<HTMLElement>('tbody tr')].at(-1);
    return row?.checkVisibility({ visibilityProperty: true }) ? [row.outerHTML.slice(0, 120)] : [];
  });
  await slow.close();
  return visible;
}

test.describe('on each page', () => {
  // An unknown URL is a 404 on purpose.
  test.use({ expectedErrors: [/status of 404/] });

  test('nothing shifts, and columns stay in place while rows arrive', async ({ page, receiver }) => {
    // Fifty pages take a while on two cores.
    test.setTimeout(480_000);
    await recordShifts(page);
    const addresses = await createFullProject(page, `${receiver.url}/hook`);
    await page.clock.install();
    const pages = await PartialPages.start();
    for (const [width, height] of [[1280, 800], [360, 740]] as const) {
      await page.setViewportSize({ width, height });
      for (const address of addresses) {
        await test.step(`${address} at ${width} px`, async () => {
          await page.goto(address);
          await hydrated(page);
          await expect(page.getByRole('heading').first()).toBeVisible();
          expect.soft(await shifts(page), `while ${address} was loaded at ${width} px`).toEqual([]);
          // Every relative time changes: now, a minute ago, an hour ago.
          await page.clock.runFor(70_000);
          await page.clock.fastForward(3_600_000);
          expect.soft(await shifts(page), `as time went by on ${address} at ${width} px`).toEqual([]);
          // On narrow screens, a row has no columns.
          if (width <= 800) {
            expect.soft(await visibleIncompleteRows(page, address, pages), `incomplete rows of ${address}`).toEqual([]);
            return;
          }
          const { withRows, withoutRows } = await columnEdges(page);
          expect.soft(withoutRows, `columns without rows on ${address} at ${width} px`).toEqual(withRows);
        });
      }
    }
    pages.stop();
  });
});

test.describe('without a server', () => {
  test.use({ expectedErrors: [/net::ERR_/] });

  test('nothing shifts when live updates are lost', async ({ page, server }) => {
    await recordShifts(page);
    await signIn(page);
    const project = await ProjectPage.create(page, 'Checkout web', 'WEB');
    for (const width of [1280, 360]) {
      // The label of the connection is in the navigation, which narrow screens hide.
      await page.setViewportSize({ width: 1280, height: 740 });
      await project.open('/issues');
      const live = new LivePage(page);
      await live.expectLive();
      await page.setViewportSize({ width, height: 740 });
      await shifts(page);
      await server.kill();
      await expect(live.notice).toHaveText('Live updates lost. Reconnecting…');
      expect(await shifts(page), `at ${width} px`).toEqual([]);
      await server.restart();
    }
  });
});
