// Verifies every request in a folder with each of its secrets, using standardwebhooks.

import { deepStrictEqual, strictEqual } from 'node:assert';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

function accepts(secret, { body, headers }) {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

const [folder] = process.argv.slice(2);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
strictEqual(files.length, 2, `requests in ${folder}`);
for (const name of files) {
  const request = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const found = request.secrets.map(({ secret }) => accepts(secret, request));
  deepStrictEqual(found, request.secrets.map(({ accepted }) => accepted), name);
  console.log(`${name}: standardwebhooks of npm accepts ${found.filter(Boolean).length} of ${found.length} secrets`);
}
