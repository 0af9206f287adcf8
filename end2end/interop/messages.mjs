// Type-checks the messages of every event with the platforms' types: writes them as constants, and
// compiles them with --strict. Discord's embeds are also validated by @discordjs/builders.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EmbedBuilder } from '@discordjs/builders';

const [root] = process.argv.slice(2);
const EVENTS = 22;

const TYPES = {
  slack: `import type { KnownBlock, MessageAttachment } from '@slack/types';

interface Message {
  text: string;
  blocks: KnownBlock[];
  attachments?: (MessageAttachment & { blocks: KnownBlock[] })[];
  unfurl_links: boolean;
  unfurl_media: boolean;
}
`,
  discord: `import type { RESTPostAPIWebhookWithTokenJSONBody } from 'discord-api-types/v10';

type Message = Omit<RESTPostAPIWebhookWithTokenJSONBody, 'allowed_mentions'> & { allowed_mentions: { parse: never[] } };
`,
};

const packages = resolve(import.meta.dirname, '../node_modules');

function messages(platform) {
  const folder = join(root, platform);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (files.length < EVENTS) throw new Error(`only ${files.length} messages of ${platform}`);
  return files.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

for (const [platform, types] of Object.entries(TYPES)) {
  const out = join(root, platform, 'typescript');
  mkdirSync(out, { recursive: true });
  const all = messages(platform);
  const constants = all.map(({ name, text }, number) => `// ${name}\nexport const message${number}: Message = ${text};\n`);
  writeFileSync(join(out, 'messages.ts'), types + constants.join(''));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: 'ES2022',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    types: [],
    paths: {
      '@slack/types': [join(packages, '@slack/types')],
      'discord-api-types/v10': [join(packages, 'discord-api-types/v10')],
    },
  };
  writeFileSync(join(out, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['messages.ts'] }));
  execFileSync(process.execPath, [join(packages, 'typescript/bin/tsc'), '-p', out], { stdio: 'inherit' });
  console.log(`${platform}: ${all.length} messages have the right types`);
}

for (const { name, text } of messages('discord')) {
  const [embed] = JSON.parse(text).embeds;
  try {
    new EmbedBuilder()
      .setTitle(embed.title)
      .setURL(embed.url ?? null)
      .setDescription(embed.description ?? null)
      .setColor(embed.color ?? null)
      .setFields(embed.fields ?? [])
      .setFooter(embed.footer)
      .setTimestamp(new Date(embed.timestamp));
  } catch (error) {
    throw new Error(`discord/${name}: ${error}`);
  }
}
console.log('discord: all embeds are valid');
