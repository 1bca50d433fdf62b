import { describe, expect, it } from 'vitest';
import { type Checkpoint, planReply } from '../../electron/core/conversation.ts';
import type { Message, Tokenizer } from '../../electron/core/tokenizer.ts';

/** One id a char, ChatML in small: enough to see which text is encoded. */
const charIds = (text: string) => Array.from(text, (char) => char.codePointAt(0) ?? 0);
const tokenizer = (trim = false): Tokenizer => ({
  encode: charIds,
  encodeAlone: charIds,
  render: (messages, open) =>
    messages.map(({ role, content }) => `<${role}>${trim ? content.trim() : content}</>`).join('') +
    (open ? '<assistant>' : ''),
  inert: (said) => said,
  hasTemplate: true,
  pieces: [],
  special: new Set(),
});
const said: Message[] = [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello ' },
  { role: 'user', content: 'More' },
];
const at = (text: string): Checkpoint => ({
  life: 1,
  model: 'm',
  state: 1,
  ids: tokenizer().encode(text),
  text,
});
const textOf = (ids: readonly number[]) => String.fromCodePoint(...ids);

describe('what to feed next', () => {
  it('feeds everything to a fresh state', () => {
    const plan = planReply(tokenizer(), said.slice(0, 1), []);
    expect(plan.from).toBeNull();
    expect(textOf(plan.ids)).toBe('<user>Hi</><assistant>');
  });
  it('feeds only what the state has not read, and in total the whole conversation', () => {
    const read = at('<user>Hi</><assistant>Hello ');
    const plan = planReply(tokenizer(), said, [read]);
    expect(plan.from).toBe(read);
    expect(textOf(plan.ids)).toBe('</><user>More</><assistant>');
    expect(textOf([...read.ids, ...plan.ids])).toBe(tokenizer().render(said, true));
  });
  it("continues where a template trims the reply's end", () => {
    const plan = planReply(tokenizer(true), said, [at('<user>Hi</><assistant>Hello ')]);
    expect(textOf(plan.ids)).toBe('</><user>More</><assistant>');
  });
  it('begins anew when the state read something else', () => {
    const plan = planReply(tokenizer(), said, [at('<user>Other')]);
    expect(plan.from).toBeNull();
    expect(textOf(plan.ids)).toBe(tokenizer().render(said, true));
  });
  it('goes on from the checkpoint that leaves least to read', () => {
    const before = at('<user>Hi</><assistant>');
    const after = at('<user>Hi</><assistant>Hello ');
    expect(planReply(tokenizer(), said, [before, after]).from).toBe(after);
    expect(planReply(tokenizer(), said.slice(0, 1), [before, after])).toMatchObject({
      from: before,
      ids: [],
    });
    // An empty reply leaves both at the same text: the one that read nothing more is as good.
    expect(planReply(tokenizer(), said.slice(0, 1), [before, { ...before, state: 2 }]).from).toBe(before);
  });
});
