/** The tokenizer of a GGUF file as tokenizer.json and tokenizer_config.json: byte-level BPE, as SmolLM2 and Llama 3 have. */
import { endings } from '../../electron/core/models/endings.ts';
import { AppError } from '../../electron/shared/errors.ts';
import type { Gguf } from './gguf.ts';
import { invalid } from './source.ts';

const byteLevel = (useRegex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});

const llama3Words =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** How a text falls into words before pairs are merged, by llama.cpp's name for it. */
const splits: Record<string, { preTokenizer: object; ignoreMerges: boolean }> = {
  smollm: {
    preTokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true)],
    },
    ignoreMerges: false,
  },
  'llama-bpe': {
    preTokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: llama3Words }, behavior: 'Isolated', invert: false },
        byteLevel(false),
      ],
    },
    ignoreMerges: true,
  },
  'gpt-2': { preTokenizer: byteLevel(true), ignoreMerges: false },
};

/** ggml's kinds of tokens that stand outside the merges. */
const control = 3;
const userDefined = 4;

export function tokenizerOf(file: Gguf) {
  const { values, path } = file;
  const model = values.get('tokenizer.ggml.model');
  const pre = String(values.get('tokenizer.ggml.pre') ?? 'gpt-2');
  const split = Object.hasOwn(splits, pre) ? splits[pre] : undefined;
  if (model !== 'gpt2' || !split) throw otherTokenizer(path, `${model}, ${pre}`.slice(0, 80));
  const tokens = texts(file, 'tokenizer.ggml.tokens');
  const merges = texts(file, 'tokenizer.ggml.merges').map((merge) => merge.split(' '));
  if (tokens.length === 0 || merges.some(({ length }) => length !== 2))
    throw invalid(path, 'its vocabulary is broken');
  const kinds = values.get('tokenizer.ggml.token_type');
  const kindOf = (id: number) => (Array.isArray(kinds) ? kinds[id] : undefined);
  const added = tokens.flatMap((content, id) => {
    const kind = kindOf(id);
    if (kind !== control && kind !== userDefined) return [];
    const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false };
    return [{ id, content, ...plain, special: kind === control }];
  });
  const bos = tokenOf(file, tokens, 'bos');
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: split.preTokenizer,
    post_processor: values.get('tokenizer.ggml.add_bos_token') === true && bos ? opening(bos) : null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: split.ignoreMerges,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
  const named = { bos: 'bos', eos: 'eos', unk: 'unknown', pad: 'padding' };
  const special = Object.entries(named).flatMap(([name, key]) => {
    const token = tokenOf(file, tokens, key);
    return token ? [[`${name}_token`, token.content]] : [];
  });
  const template = values.get('tokenizer.chat_template');
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...Object.fromEntries(special),
    add_prefix_space: false,
    clean_up_tokenization_spaces: false,
    model_max_length: values.get('llama.context_length'),
    ...(typeof template === 'string' && { chat_template: template }),
  };
  return { tokenizer, config };
}

export function generationOf(file: Gguf) {
  const tokens = texts(file, 'tokenizer.ggml.tokens');
  const eos = tokenOf(file, tokens, 'eos');
  const others = tokens.flatMap((token, id) => (endings.has(token) && id !== eos?.id ? [id] : []));
  const ids = { bos_token_id: 'bos', pad_token_id: 'padding' };
  const known = Object.entries(ids).flatMap(([name, key]) => {
    const token = tokenOf(file, tokens, key);
    return token ? [[name, token.id]] : [];
  });
  return { ...Object.fromEntries(known), eos_token_id: [...(eos ? [eos.id] : []), ...others] };
}

interface Token {
  readonly id: number;
  readonly content: string;
}

function tokenOf(file: Gguf, tokens: readonly string[], key: string): Token | null {
  const id = file.values.get(`tokenizer.ggml.${key}_token_id`);
  const content = typeof id === 'number' ? tokens[id] : undefined;
  return content === undefined ? null : { id: id as number, content };
}

function texts(file: Gguf, key: string): readonly string[] {
  const list = file.values.get(key);
  if (Array.isArray(list) && list.every((text) => typeof text === 'string')) return list;
  throw invalid(file.path, `it has no ${key}`);
}

/** Puts `bos` before a text that stands by itself, as Llama 3's tokenizer does. */
const opening = ({ id, content }: Token) => ({
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: content, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  pair: [
    { SpecialToken: { id: content, type_id: 0 } },
    { Sequence: { id: 'A', type_id: 0 } },
    { SpecialToken: { id: content, type_id: 1 } },
    { Sequence: { id: 'B', type_id: 1 } },
  ],
  special_tokens: { [content]: { id: content, ids: [id], tokens: [content] } },
});

const otherTokenizer = (path: string, kind: string) =>
  new AppError(
    'unsupported',
    `${path} has a tokenizer of the kind ${kind}.`,
    'Byte-level BPE as SmolLM2 and Llama 3 have it can be brought in.',
  );
