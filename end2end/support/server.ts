// A server for one test: the real binary, a free port, a new database and test settings. It can be
// killed and restarted with the same data.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, freshDatabase } from './database.js';

export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery staple' };

const START_LIMIT_MS = 30_000;

export interface ServerOptions {
  /** Without it the server has no admin, and shows the setup page. */
  admin?: boolean;
  /** More settings; undefined removes one. */
  env?: Record<string, string | undefined>;
}

export class Server {
  private child: ChildProcess | undefined;
  private lines = '';

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly database: Database | undefined,
    private readonly options: ServerOptions,
  ) {}

  static async start(options: ServerOptions = {}): Promise<Server> {
    for (let tries = 1; ; tries += 1) {
      const folder = await mkdtemp(join(tmpdir(), 'testbell-e2e-'));
      const server = new Server(await freePort(), folder, await freshDatabase(), options);
      try {
        await server.restart();
        return server;
      } catch (error) {
        await server.remove();
        // The port may be in use again before the server binds it.
        if (tries === 3 || !/in use/i.test(server.log)) throw error;
      }
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The server's output since the test started. */
  get log(): string {
    return this.lines;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it with the existing data, and waits until it is ready. */
  async restart(): Promise<void> {
    if (this.running()) throw new Error('the server is still running');
    const binary = process.env.TESTBELL_BIN;
    if (!binary) throw new Error('TESTBELL_BIN is not set: run the tests by `cargo xtask test browser`');
    const child = spawn(binary, ['serve'], {
      cwd: this.folder,
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (chunk: Buffer) => (this.lines += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => (this.lines += `\n${error}\n`));
    this.child = child;
    await this.ready(child);
  }

  /** Kills it, as a crash does. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Stops it gracefully. Resolves with its exit status. */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** Kills it and removes its data. */
  async remove(): Promise<void> {
    await this.kill();
    await this.database?.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private environment(): NodeJS.ProcessEnv {
    const rig: Record<string, string | undefined> = {
      TESTBELL_LISTEN: `127.0.0.1:${this.port}`,
      TESTBELL_PUBLIC_URL: this.url,
      TESTBELL_DATA_DIR: join(this.folder, 'data'),
      DATABASE_URL: this.database?.url,
      TESTBELL_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      TESTBELL_ALLOW_HTTP: 'true',
      TESTBELL_ALLOW_NETWORKS: '127.0.0.0/8',
      TESTBELL_ADMIN_EMAIL: ADMIN.email,
      TESTBELL_ADMIN_PASSWORD: ADMIN.password,
    };
    if (this.options.admin === false) {
      rig.TESTBELL_ADMIN_EMAIL = undefined;
      rig.TESTBELL_ADMIN_PASSWORD = undefined;
    }
    // The developer's own settings must not affect the tests.
    const inherited = Object.entries(process.env).filter(
      ([name]) => !name.startsWith('TESTBELL_') && name !== 'DATABASE_URL',
    );
    return { ...Object.fromEntries(inherited), ...rig, ...this.options.env };
  }

  private async ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_LIMIT_MS;
    while (Date.now() < deadline) {
      if (!this.running() || this.child !== child) {
        throw new Error(`the server ended while it started:\n${this.lines}`);
      }
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await this.kill();
    throw new Error(`the server was not ready within ${START_LIMIT_MS} ms:\n${this.lines}`);
  }

  private running(): boolean {
    const child = this.child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (!child || !this.running()) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code] = await ended;
    return code as number | null;
  }
}

/** Below the ephemeral ports, so that no outgoing connection takes the port during a restart. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const probe = createServer();
    probe.listen(port, '127.0.0.1');
    try {
      await once(probe, 'listening');
    } catch {
      continue;
    }
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
