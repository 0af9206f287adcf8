// Verifies a request from Testbell. Needs only Node.js 18 or newer.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

const TOLERANCE_SECONDS = 5 * 60;
const MIN_KEY_BYTES = 24;

/**
 * @param {string} secret as Testbell shows it, starting with whsec_
 * @param {{id: string, timestamp: string, signature: string}} headers webhook-id, webhook-timestamp, webhook-signature
 * @param {Buffer} body the raw bytes before any parsing
 */
export function verify(secret, headers, body, now = Date.now() / 1000) {
  if (!/^\d{1,15}$/.test(headers.timestamp)) return false;
  if (Math.abs(now - Number(headers.timestamp)) > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  // Reject an empty or short key, e.g. from a missing setting: anyone could guess it.
  if (key.length < MIN_KEY_BYTES) return false;
  const expected = createHmac('sha256', key).update(`${headers.id}.${headers.timestamp}.`).update(body).digest();
  // During a rotation there are two signatures. One of them must match.
  return headers.signature.split(' ').some((part) => {
    const [version, value = ''] = part.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

// To try it: node verify.mjs SECRET ID TIMESTAMP SIGNATURE < body
const [secret, id, timestamp, signature] = process.argv.slice(2);
process.exitCode = verify(secret, { id, timestamp, signature }, readFileSync(0)) ? 0 : 1;
