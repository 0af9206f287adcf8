// Verifies every request in a folder with each of its keys, using published packages or Node's own cryptography.

import { deepStrictEqual } from 'node:assert';
import { createHmac, createPublicKey, verify } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { verify as verifyGitHub } from '@octokit/webhooks-methods';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import Stripe from 'stripe';

const FILES = 12;
const TOLERANCE_SECONDS = 300;

function throwsOnly(type, accept) {
  try {
    accept();
    return true;
  } catch (error) {
    if (error instanceof type) return false;
    throw error;
  }
}

const VERIFIERS = {
  standard_webhooks: (key, { body, headers }) =>
    throwsOnly(WebhookVerificationError, () => new Webhook(key).verify(body, headers)),
  standard_webhooks_ed25519: (key, { body, headers }) => {
    // The DER prefix of an ed25519 public key (RFC 8410).
    const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key.replace(/^whpk_/, ''), 'base64')]);
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
    return headers['webhook-signature'].split(' ').some((part) => {
      const [version, value] = part.split(',');
      return version === 'v1a' && verify(null, signed, publicKey, Buffer.from(value, 'base64'));
    });
  },
  hmac_sha256: (key, { body, headers, header, prefix }) =>
    prefix
      ? verifyGitHub(key, body, headers[header])
      : headers[header] === createHmac('sha256', key).update(body).digest('hex'),
  hmac_sha256_timestamp: (key, { body, headers, header }) =>
    throwsOnly(Stripe.errors.StripeSignatureVerificationError, () =>
      Stripe.webhooks.constructEvent(body, headers[header], key, TOLERANCE_SECONDS),
    ),
  shared_secret: (key, { headers, header }) => headers[header] === key,
};

const [folder] = process.argv.slice(2);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
if (files.length !== FILES) throw new Error(`${files.length} requests in ${folder}`);
for (const name of files) {
  const request = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const found = await Promise.all(request.keys.map(({ key }) => VERIFIERS[request.scheme](key, request)));
  deepStrictEqual(found, request.keys.map(({ accepted }) => accepted), name);
  console.log(`${name}: npm accepts ${found.filter(Boolean).length} of ${found.length} keys`);
}
