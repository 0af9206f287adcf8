// Serves pages that stop arriving, as on a slow connection.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export class PartialPages {
  private html = '';

  private constructor(private readonly server: ReturnType<typeof createServer>) {}

  static async start(): Promise<PartialPages> {
    const server = createServer();
    const pages = new PartialPages(server);
    server.on('request', (_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      // The response never ends, so the browser waits for the rest.
      response.write(pages.html);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return pages;
  }

  /** The URL of this beginning of a page of Testbell, whose styles come from `origin`. */
  serve(html: string, origin: string): string {
    const withoutCode = html.replaceAll(/<script[^>]*>.*?<\/script>/gs, '').replaceAll(/<link [^>]*rel="(modulepreload|preload)"[^>]*>/g, '');
    this.html = withoutCode.replaceAll('href="/', `href="${origin}/`);
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
