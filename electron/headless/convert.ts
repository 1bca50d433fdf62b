/** `llamba convert`: a model as its authors publish it, made small for this app. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convert as convertModel } from '../../models/convert/convert.ts';
import { usual } from '../../models/convert/import.ts';
import { conversionGiven, conversionOptions, progressLine } from './conversion.ts';
import { untilInterrupt } from './interrupt.ts';
import { helpOf, jsonOption, parseOptions, usageOf } from './options.ts';

const options = {
  source: { kind: 'word', value: 'SRC', help: 'a folder or a file: safetensors, PyTorch or GGUF' },
  destination: { kind: 'word', value: 'DST', help: 'the folder to be made; it must not be there' },
  ...conversionOptions,
  name: { kind: 'text', value: 'NAME', help: 'how the model is called; default: as its source' },
  ...jsonOption,
} as const;

export const help = helpOf(
  `convert ${usageOf(options)} [options]`,
  'Writes a model in the form that the engine reads. Stopped or killed, the same command goes on where it was.',
  options,
);

export async function convert(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const conversion = conversionGiven(given) ?? usual;
  const line = progressLine();
  const started = performance.now();
  let sourceBytes = 0;
  try {
    await convertModel(given.source, given.destination, conversion, {
      signal: untilInterrupt(),
      onProgress(done, total) {
        sourceBytes = total;
        line.show(done, total);
      },
      name: given.name,
    });
  } finally {
    line.end();
  }
  const ms = performance.now() - started;
  const { metadata } = JSON.parse(
    await readFile(join(given.destination, 'model.safetensors.index.json'), 'utf8'),
  );
  const bytes: number = metadata.total_size;
  const value = { path: given.destination, conversion, sourceBytes, bytes, ms };
  const text = `${given.destination}: ${(bytes / 1e6).toFixed(0)} MB of ${(sourceBytes / 1e6).toFixed(0)}, in ${(ms / 1000).toFixed(1)} s\n`;
  process.stdout.write(given.json ? `${JSON.stringify(value)}\n` : text);
}
