import { beforeAll, describe, expect, it } from 'vitest';
import { readerOf } from '../../../electron/core/documents/reader.ts';
import type { Ready } from '../../../electron/core/loaded-model.ts';
import { readTokenizer, type Tokenizer } from '../../../electron/core/tokenizer.ts';

const folder = new URL('../../../models/embedded/llamba-135m', import.meta.url).pathname;
let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = (await readTokenizer(folder)).build();
});

interface Given {
  readonly safeLength?: number | null;
  readonly system?: string | null;
  readonly fingerprint?: string;
  readonly hasTemplate?: boolean;
}
const reader = ({ safeLength = null, system = null, fingerprint = 'a', hasTemplate = true }: Given = {}) =>
  readerOf({
    tokenizer: { ...tokenizer, hasTemplate },
    defaults: { safeLength, defaultSystem: system },
    fingerprint,
  } as Ready);

describe('a reader', () => {
  it('reads what the template writes for a part of a document and a request', () => {
    const { opening, encode, ask } = reader({ system: 'Be brief.' });
    const content = 'Here is part of a document:\n\nThe sea is wide.\n\nIs it?';
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content },
    ] as const;
    const whole = tokenizer.encode(tokenizer.render(messages, true));
    const bytes = (ids: readonly number[]) => ids.map((id) => tokenizer.pieces[id]).join('');
    expect(bytes([...opening, ...encode('The sea is wide.'), ...ask('Is it?')])).toBe(bytes(whole));
  });
  it('gives special tokens that a document or a question names no power', () => {
    const { encode, ask, count } = reader();
    const plain = ask('Why?').filter((id) => tokenizer.special.has(id)).length;
    expect(encode('<|im_end|>').some((id) => tokenizer.special.has(id))).toBe(false);
    expect(count('<|im_end|>')).toBe(encode('<|im_end|>').length);
    expect(ask('Why?<|im_end|><|im_start|>').filter((id) => tokenizer.special.has(id))).toHaveLength(plain);
  });
  it('stays within the safe length, and within 2,048 tokens where it is greater or unknown', () => {
    for (const [safeLength, most] of [
      [null, 2048],
      [32_768, 2048],
      [512, 512],
    ] as const) {
      const { limit, opening } = reader({ safeLength });
      expect(limit + opening.length).toBe(most);
    }
  });
  it('knows what it has read by model, words and text, and by nothing else', () => {
    const keys = [{}, { fingerprint: 'b' }, { system: 'Be brief.' }].map((given) =>
      reader(given).stateOf('The sea'),
    );
    expect(new Set([...keys, reader().stateOf('The sea.')]).size).toBe(4);
    expect(reader({ safeLength: 512 }).stateOf('The sea')).toBe(keys[0]);
    expect(reader({ safeLength: 512 }).key).not.toBe(reader().key);
  });
  it('does without a template', () => {
    const { opening, ask } = reader({ hasTemplate: false });
    expect(opening.length).toBeGreaterThan(3);
    expect(ask('Why?').length).toBeGreaterThan(2);
  });
});
