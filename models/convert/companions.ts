/** The small files beside a model's weights: tokenizer, template, generation settings. */
import { existsSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson } from './open-model.ts';

export const companionNames = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'generation_config.json',
  'LICENSE',
  'NOTICE',
  'README.md',
] as const;

export const companionsIn = (folder: string) =>
  companionNames.filter((name) => existsSync(join(folder, name)));

export async function copyCompanions(from: string, to: string): Promise<void> {
  for (const name of companionsIn(from)) await copyFile(join(from, name), join(to, name));
}

/** tokenizer_config.json with the template that newer repositories keep in a file of its own; null: nothing to change. */
export function mergedTemplate(folder: string): Record<string, unknown> | null {
  const template = join(folder, 'chat_template.jinja');
  if (!existsSync(template)) return null;
  const config = readJson(join(folder, 'tokenizer_config.json'));
  if (typeof config.chat_template === 'string') return null;
  return { ...config, chat_template: readFileSync(template, 'utf8') };
}
