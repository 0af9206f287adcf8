// The live updates of a page: the state of its connection, and the number of the server's streams.
import { expect, type Locator, type Page } from '@playwright/test';

/** After an outage, the next attempt may be 7.5 seconds away. */
export const RECONNECT_TIMEOUT_MS = 20_000;

export class LivePage {
  constructor(readonly page: Page) {}

  /** The label in the navigation. */
  get dot(): Locator {
    return this.page.locator('.live-dot').filter({ visible: true });
  }

  /** The notice at the top of the page. */
  get notice(): Locator {
    return this.page.getByRole('status', { name: 'Live updates' });
  }

  async expectLive(): Promise<void> {
    await expect(this.dot).toHaveText('Live', { timeout: RECONNECT_TIMEOUT_MS });
    await expect(this.notice).toBeEmpty();
  }

  async expectPaused(): Promise<void> {
    await expect(this.notice).toHaveText('Live updates lost. Reconnecting…');
    await expect(this.dot).toHaveText('Reconnecting…');
  }

  issue(title: string): Locator {
    return this.page.getByRole('link', { name: title, exact: true });
  }
}

/** Waits for this number of open streams. The server notices a closed stream only after a moment. */
export async function expectStreams(server: string, count: number): Promise<void> {
  await expect.poll(() => openStreams(server), 'open streams').toBe(count);
}

async function openStreams(server: string): Promise<number> {
  const metrics = await (await fetch(`${server}/metrics`)).text();
  return Number(/^testbell_streams_open (\d+)/m.exec(metrics)?.[1]);
}

/** Makes the WASM engine trap, as it does when the app panics. */
export async function trap(page: Page): Promise<void> {
  await page.evaluate(() => {
    // A module with one function, whose only instruction is `unreachable`.
    const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11];
    const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
    setTimeout(instance.exports.f as () => void);
  });
}
