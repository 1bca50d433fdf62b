/** A model's own tokenizer and chat template, and the bytes behind each token id. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { Tokenizer as Encoder } from '@huggingface/tokenizers';
import { AppError } from '../shared/errors.ts';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface Tokenizer {
  /** Ids of the text; names of special tokens inside it become those tokens. */
  encode(text: string): number[];
  /** Ids of a text that stands by itself: with what the model wants around one (Llama 3: a first token of its own). */
  encodeAlone(text: string): number[];
  /**
   * The conversation as the model's template writes it; `open` asks for the start of a reply at its end. What people and
   * the model said is made inert: it may name special tokens, but `encode` gives them no power.
   */
  render(messages: readonly Message[], open: boolean): string;
  inert(said: string): string;
  readonly hasTemplate: boolean;
  /** Bytes of each id, each char one byte; what is shown of special tokens is nothing, see `special`. */
  readonly pieces: readonly string[];
  readonly special: ReadonlySet<number>;
}

/** Where a special token's name is taken apart: a code point that is no character, and never in a text. */
const seam = '\ufdd0';

interface TokenizerJson {
  model?: { type?: string; vocab?: Record<string, number> };
  added_tokens?: { id: number; content: string; special?: boolean }[];
}
type TokenizerConfig = Record<string, unknown> & { chat_template?: string };

/** What lies on disk. The pieces are at once there; building the rest takes as long as the engine takes to load. */
export interface TokenizerFiles {
  readonly pieces: readonly string[];
  build(): Tokenizer;
}

/**
 * Reads tokenizer.json and tokenizer_config.json of a model's folder: byte-level BPE, as Llama 3 and SmolLM2 have.
 * Without them (cartesia's releases are one file of weights) ids still work, and whatever needs text throws.
 */
export async function readTokenizer(folder: string): Promise<TokenizerFiles> {
  const file = join(folder, 'tokenizer.json');
  if (!existsSync(file)) return withoutTokenizer(file);
  const [json, config] = await Promise.all([
    readJson<TokenizerJson>(file),
    readJson<TokenizerConfig>(join(folder, 'tokenizer_config.json')),
  ]);
  const { type, vocab } = json.model ?? {};
  if (type !== 'BPE' || !vocab) {
    throw invalid(folder, `its model is ${type ?? 'missing'}, only byte-level BPE is known`);
  }
  const pieces = tokenPieces(vocab, json.added_tokens ?? []);
  return { pieces, build: () => buildTokenizer(folder, json, config, pieces) };
}

function buildTokenizer(
  folder: string,
  json: TokenizerJson,
  config: TokenizerConfig,
  pieces: readonly string[],
): Tokenizer {
  const encoder = new Encoder(json, config);
  const template = config.chat_template ? new Template(config.chat_template) : null;
  const added = json.added_tokens ?? [];
  const tokenText = (value: unknown) =>
    typeof value === 'string' ? value : ((value as { content?: string } | null)?.content ?? '');
  const names = added.map(({ content }) => content.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const named = names.length > 0 ? new RegExp(names.join('|'), 'g') : null;
  const inert = (said: string) =>
    named ? said.replace(named, (name) => name[0] + seam + name.slice(1)) : said;
  return {
    encode: (text) =>
      text
        .split(seam)
        .flatMap((part) => (part ? encoder.encode(part, { add_special_tokens: false }).ids : [])),
    encodeAlone: (text) => (text === '' ? [] : encoder.encode(text, { add_special_tokens: true }).ids),
    inert,
    hasTemplate: template !== null,
    render(messages, open) {
      if (!template) throw invalid(folder, 'it has no chat template');
      return template.render({
        messages: messages.map(({ role, content }) => ({ role, content: inert(content) })),
        add_generation_prompt: open,
        bos_token: tokenText(config.bos_token),
        eos_token: tokenText(config.eos_token),
      });
    },
    pieces,
    special: new Set(added.filter((token) => token.special !== false).map((token) => token.id)),
  };
}

/** Byte-level BPE writes every byte as a printable char (GPT-2's table); this undoes it. */
function tokenPieces(vocab: Record<string, number>, added: { id: number; content: string }[]): string[] {
  const byteOf: string[] = [];
  let beyond = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    byteOf[printable ? byte : beyond++] = String.fromCharCode(byte);
  }
  const pieces: string[] = [];
  for (const token in vocab) {
    let bytes = '';
    for (let i = 0; i < token.length; i++) bytes += byteOf[token.charCodeAt(i)] ?? '';
    pieces[vocab[token] ?? 0] = bytes;
  }
  for (const { id, content } of added) pieces[id] = utf8(content);
  return Array.from(pieces, (piece) => piece ?? '');
}

function withoutTokenizer(file: string): TokenizerFiles {
  const refuse = () => {
    throw new AppError(
      'tokenizer-invalid',
      `The model has no tokenizer: there is no ${file}.`,
      'Put tokenizer.json and tokenizer_config.json of the model beside its weights. Token ids work without.',
    );
  };
  const tokenizer: Tokenizer = {
    encode: refuse,
    encodeAlone: refuse,
    render: refuse,
    inert: refuse,
    hasTemplate: false,
    pieces: [],
    special: new Set(),
  };
  return { pieces: [], build: () => tokenizer };
}

/** UTF-8 bytes of the text, each as one char. */
export const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

async function readJson<T>(path: string): Promise<T> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError(
      'tokenizer-invalid',
      `The model's tokenizer file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      'Put tokenizer.json and tokenizer_config.json of the model beside its weights.',
    );
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new AppError('tokenizer-invalid', `${path} is not valid JSON.`, 'Fetch the file again.');
  }
}

const invalid = (folder: string, why: string) =>
  new AppError(
    'tokenizer-invalid',
    `The tokenizer in ${folder} cannot be used: ${why}.`,
    'Use the tokenizer files that belong to the model.',
  );
