// Starts a server, generates a client from its OpenAPI document, compiles it with --strict, and
// runs client.ts with it.

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import openapiTS, { astToString } from 'openapi-typescript';

const [binary] = process.argv.slice(2);
const here = import.meta.dirname;
const generated = join(here, 'generated');
const folder = mkdtempSync(join(tmpdir(), 'testbell-client-'));
const env = {
  TESTBELL_DATA_DIR: folder,
  TESTBELL_LISTEN: '127.0.0.1:0',
  TESTBELL_ALLOW_HTTP: 'true',
  TESTBELL_ALLOW_NETWORKS: '127.0.0.0/8',
  TESTBELL_USER_PASSWORD: 'correct horse battery staple',
};
const testbell = (...args) => execFileSync(binary, args, { env, encoding: 'utf8' }).trim();
testbell('user', 'create', '--email', 'root@example.com', '--name', 'Root', '--system-admin');
const token = testbell('token', 'create', '--email', 'root@example.com', '--name', 'client');
const server = spawn(binary, ['serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const base = await address(server);
  const document = await (await fetch(`${base}/api/v1/openapi.json`)).json();
  mkdirSync(generated, { recursive: true });
  writeFileSync(join(generated, 'schema.ts'), astToString(await openapiTS(document)));
  run('node_modules/typescript/bin/tsc', '-p', here);
  run(join(generated, 'js/client.js'), base, token);
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

function run(script, ...args) {
  execFileSync(process.execPath, [script, ...args], { cwd: here, stdio: 'inherit' });
}

/** The address from the server's output. */
async function address(process) {
  for await (const line of createInterface({ input: process.stdout })) {
    const found = line.match(/listening on (http:\/\/)?([\d.:]+)/);
    if (found) return `http://${found[2]}`;
  }
  throw new Error('the server ended before it listened');
}
