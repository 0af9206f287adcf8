// Compares a header with a shared secret. Needs only Node.js 18 or newer.
import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * @param {string} secret as Testbell shows it
 * @param {string} value the value of your header
 */
export function verify(secret, value) {
  // Reject a missing setting: anyone could guess it.
  if (!secret) return false;
  // Digests have the same length, which a comparison in constant time needs.
  const digest = (text) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(value), digest(secret));
}

// To try it: node shared-secret.mjs SECRET VALUE
const [secret, value] = process.argv.slice(2);
process.exitCode = verify(secret, value) ? 0 : 1;
