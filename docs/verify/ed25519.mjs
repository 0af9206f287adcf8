// Verifies a request that is signed with ed25519. Needs only Node.js 18 or newer.
import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { readFileSync } from 'node:fs';

const TOLERANCE_SECONDS = 5 * 60;
// What precedes an ed25519 key in its DER form (RFC 8410).
const DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * @param {string} publicKey as Testbell shows it, starting with whpk_
 * @param {{id: string, timestamp: string, signature: string}} headers webhook-id, webhook-timestamp, webhook-signature
 * @param {Buffer} body the raw bytes before any parsing
 */
export function verify(publicKey, headers, body, now = Date.now() / 1000) {
  if (!/^\d{1,15}$/.test(headers.timestamp)) return false;
  if (Math.abs(now - Number(headers.timestamp)) > TOLERANCE_SECONDS) return false;
  const bytes = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64');
  if (bytes.length !== 32) return false;
  const key = createPublicKey({ key: Buffer.concat([DER_PREFIX, bytes]), format: 'der', type: 'spki' });
  const signed = Buffer.concat([Buffer.from(`${headers.id}.${headers.timestamp}.`), body]);
  // During a rotation there are two signatures. One of them must match.
  return headers.signature.split(' ').some((part) => {
    const [version, value = ''] = part.split(',');
    return version === 'v1a' && verifySignature(null, signed, key, Buffer.from(value, 'base64'));
  });
}

// To try it: node ed25519.mjs PUBLIC_KEY ID TIMESTAMP SIGNATURE < body
const [publicKey, id, timestamp, signature] = process.argv.slice(2);
process.exitCode = verify(publicKey, { id, timestamp, signature }, readFileSync(0)) ? 0 : 1;
