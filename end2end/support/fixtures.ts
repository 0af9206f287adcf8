// Payloads as the trackers sent them, recorded and kept beside the checkout.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The raw bytes of a recorded payload, such as `github/issues.opened.json`. */
export async function recorded(name: string): Promise<Buffer> {
  const folder = process.env.TESTBELL_FIXTURES;
  if (!folder) throw new Error('TESTBELL_FIXTURES must name the folder of the recorded payloads');
  return readFile(join(folder, name));
}
