/** The small files beside a model's weights: tokenizer, template, generation settings. */
import { existsSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OpenedModel, readJson } from './open-model.ts';

const read = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'generation_config.json',
];
const ofFolders = ['LICENSE', 'NOTICE', 'README.md', 'model.safetensors.index.json'];

/** Their names. Beside a single file, which may lie among anything, only what the engine would read is its own. */
export const companionsOf = ({ path, folder }: Pick<OpenedModel, 'path' | 'folder'>) =>
  [...read, ...(path === folder ? ofFolders : [])].filter((name) => existsSync(join(folder, name)));

/** What a conversion writes itself comes later, in their place. */
export async function copyCompanions(from: Pick<OpenedModel, 'path' | 'folder'>, to: string): Promise<void> {
  for (const name of companionsOf(from)) await copyFile(join(from.folder, name), join(to, name));
}

/** tokenizer_config.json with the template that newer repositories keep in a file of its own; null: nothing to change. */
export function mergedTemplate(folder: string): Record<string, unknown> | null {
  const template = join(folder, 'chat_template.jinja');
  if (!existsSync(template)) return null;
  const config = readJson(join(folder, 'tokenizer_config.json'));
  if (typeof config.chat_template === 'string') return null;
  return { ...config, chat_template: readFileSync(template, 'utf8') };
}
