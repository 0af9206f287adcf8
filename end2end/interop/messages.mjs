// Type-checks every message in a folder with @slack/types: writes them as constants of those types,
// and compiles them with --strict.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [folder] = process.argv.slice(2);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
if (files.length < 22) throw new Error(`only ${files.length} messages in ${folder}`);

const head = `import type { KnownBlock, MessageAttachment } from '@slack/types';

interface Message {
  text: string;
  blocks: KnownBlock[];
  attachments?: (MessageAttachment & { blocks: KnownBlock[] })[];
  unfurl_links: boolean;
  unfurl_media: boolean;
}
`;
const message = (name, number) =>
  `// ${name}\nexport const message${number}: Message = ${readFileSync(join(folder, name), 'utf8')};\n`;

const packages = resolve(import.meta.dirname, '../node_modules');
const out = join(folder, 'typescript');
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'messages.ts'), head + files.map(message).join(''));
const compilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: 'ES2022',
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  types: [],
  paths: { '@slack/types': [join(packages, '@slack/types')] },
};
writeFileSync(join(out, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['messages.ts'] }));
execFileSync(process.execPath, [join(packages, 'typescript/bin/tsc'), '-p', out], { stdio: 'inherit' });
console.log(`${files.length} messages have the types of @slack/types`);
