/** Whole models in small: the golden weights with a tokenizer and a template made here. Their words mean nothing. */
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const weights = (name: string) =>
  fileURLToPath(new URL(`../fixtures/llamba/${name}/model/tiny-${name}.safetensors`, import.meta.url));

export const template =
  "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}" +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

/** A folder with `one` and `two`, of different weights and vocabularies, and `endless`, which never stops by itself. */
export function tinyModels(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-models-'));
  writeModel(join(folder, 'one'), 'q4g64-untied', 512);
  writeModel(join(folder, 'two'), 'q4g128-untied', 320);
  writeModel(join(folder, 'endless'), 'q4g64-untied', 512, []);
  return folder;
}

function writeModel(folder: string, name: string, vocabulary: number, stopIds = [257]) {
  mkdirSync(folder);
  copyFileSync(weights(name), join(folder, 'model.safetensors'));
  writeTokenizer(folder, vocabulary);
  writeFileSync(
    join(folder, 'generation_config.json'),
    JSON.stringify({
      eos_token_id: stopIds,
      do_sample: true,
      temperature: 0.9,
      top_k: 50,
      max_new_tokens: 16,
    }),
  );
}

/** Every byte, three special tokens, and pairs of bytes that cut characters in the middle. */
export function writeTokenizer(folder: string, vocabulary: number) {
  const chars: string[] = [];
  for (let byte = 0, beyond = 256; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    chars.push(String.fromCodePoint(printable ? byte : beyond++));
  }
  const vocab = Object.fromEntries(chars.map((char, id) => [char, id]));
  const added = ['<|im_start|>', '<|im_end|>', '<|end|>'].map((content, i) => ({
    id: 256 + i,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  }));
  const merges: [string, string][] = [];
  for (let first = 0xe3; merges.length < vocabulary - 259; first++) {
    for (let second = 0x80; second < 0xc0 && merges.length < vocabulary - 259; second++) {
      const pair: [string, string] = [chars[first] ?? '', chars[second] ?? ''];
      vocab[pair.join('')] = 259 + merges.length;
      merges.push(pair);
    }
  }
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: '1.0',
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: bytes,
    post_processor: null,
    decoder: bytes,
    model: { type: 'BPE', vocab, merges },
  };
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: template }));
}
