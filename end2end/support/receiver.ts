// An endpoint: an HTTP server that stores what it receives, and verifies signatures with the
// reference library instead of Testbell's own code.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

const WAIT_LIMIT_MS = 20_000;

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  at: number;
}

/** The response to a request; `hang` never responds. */
export type Answer =
  | { status: number; body?: string; headers?: Record<string, string> }
  | { hang: true };

export class Receiver {
  readonly received: Received[] = [];
  /** Returns the response to a request; 200 by default. */
  answer: (request: Received) => Answer = () => ({ status: 200, body: 'ok' });
  private waiting: Array<() => void> = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        const body = Buffer.concat(chunks).toString('utf8');
        receiver.take({ method, path, headers, body, at: Date.now() }, response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Waits for `count` matching requests, and returns them. */
  async waitFor(count = 1, matches: (request: Received) => boolean = () => true): Promise<Received[]> {
    const deadline = Date.now() + WAIT_LIMIT_MS;
    for (;;) {
      const found = this.received.filter(matches);
      if (found.length >= count) return found;
      const left = deadline - Date.now();
      if (left <= 0) {
        const paths = this.received.map((request) => `${request.method} ${request.path}`);
        throw new Error(`${found.length} of ${count} requests came; all: ${paths.join(', ') || 'none'}`);
      }
      await this.next(left);
    }
  }

  /** Verifies the signature with Standard Webhooks 1.0 and returns the payload; throws if it is invalid. */
  static verify(request: Received, secret: string): unknown {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    return new Webhook(secret).verify(request.body, headers);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(request: Received, response: ServerResponse): void {
    this.received.push(request);
    const answer = this.answer(request);
    if (!('hang' in answer)) {
      response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
    }
    for (const wake of this.waiting.splice(0)) wake();
  }

  private next(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limit);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
