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

/** Copies them. A chat template in a file of its own, as newer repositories have it, goes where ours is looked for. */
export async function copyCompanions(from: string, to: string): Promise<string[]> {
  const names: string[] = companionsIn(from);
  for (const name of names) await copyFile(join(from, name), join(to, name));
  return names;
}

/** tokenizer_config.json with the template of chat_template.jinja, or null where nothing has to change. */
export function mergedTemplate(folder: string): Record<string, unknown> | null {
  const template = join(folder, 'chat_template.jinja');
  if (!existsSync(template)) return null;
  const config = readJson(join(folder, 'tokenizer_config.json'));
  if (typeof config.chat_template === 'string') return null;
  return { ...config, chat_template: readFileSync(template, 'utf8') };
}
