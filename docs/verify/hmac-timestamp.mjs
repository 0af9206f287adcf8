// Verifies t=…,v1=…: the HMAC of the time and the body. Needs only Node.js 18 or newer.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

const TOLERANCE_SECONDS = 5 * 60;

/**
 * @param {string} secret as Testbell shows it
 * @param {string} signature the value of your header
 * @param {Buffer} body the raw bytes before any parsing
 */
export function verify(secret, signature, body, now = Date.now() / 1000) {
  // Reject a missing setting: anyone could guess it.
  if (!secret) return false;
  const parts = signature.split(',').map((part) => part.split('='));
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,15}$/.test(time) || Math.abs(now - Number(time)) > TOLERANCE_SECONDS) return false;
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
  // During a rotation there are two signatures. One of them must match.
  return parts.some(([name, hex = '']) => {
    return name === 'v1' && /^[0-9a-f]{64}$/.test(hex) && timingSafeEqual(Buffer.from(hex, 'hex'), expected);
  });
}

// To try it: node hmac-timestamp.mjs SECRET SIGNATURE < body
const [secret, signature] = process.argv.slice(2);
process.exitCode = verify(secret, signature, readFileSync(0)) ? 0 : 1;
