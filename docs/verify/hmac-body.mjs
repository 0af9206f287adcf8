// Verifies the HMAC of the body in hex, with or without sha256=. Needs only Node.js 18 or newer.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * @param {string} secret as Testbell shows it
 * @param {string} signature the value of your header
 * @param {Buffer} body the raw bytes before any parsing
 */
export function verify(secret, signature, body) {
  // Reject a missing setting: anyone could guess it.
  if (!secret) return false;
  const expected = createHmac('sha256', secret).update(body).digest();
  const hex = signature.replace(/^sha256=/, '');
  return /^[0-9a-f]{64}$/.test(hex) && timingSafeEqual(Buffer.from(hex, 'hex'), expected);
}

// To try it: node hmac-body.mjs SECRET SIGNATURE < body
const [secret, signature] = process.argv.slice(2);
process.exitCode = verify(secret, signature, readFileSync(0)) ? 0 : 1;
