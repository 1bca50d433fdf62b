import { describe, expect, it } from 'vitest';
import {
  hashing,
  messagesOf,
  shownReply,
  standing,
  startOf,
  targetOf,
} from '../../../electron/core/sessions/planning.ts';
import type { PointHead } from '../../../electron/core/sessions/rows.ts';
import type { Message, Tokenizer } from '../../../electron/core/tokenizer.ts';

/** One id a UTF-16 unit, ChatML in small: enough to see which text is encoded. */
const tokenizer = (trim = false): Tokenizer => ({
  encode: (text) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)),
  encodeAlone: () => [],
  render: (messages, open) =>
    messages.map(({ role, content }) => `<${role}>${trim ? content.trim() : content}</>`).join('') +
    (open ? '<assistant>' : ''),
  inert: (said) => said.replaceAll('<', '‹'),
  hasTemplate: true,
  pieces: [],
  special: new Set(),
});
const turn = (id: string, role: 'user' | 'assistant', text: string) => ({ id, role, text });
const path = [turn('u1', 'user', 'Hi'), turn('a1', 'assistant', 'Hello '), turn('u2', 'user', 'More')];
const point = (id: string, text: string, from: string | null = null): PointHead => ({
  turn: id,
  model: 'm',
  from,
  tokens: text.length,
  textLength: text.length,
  textHash: hashing(text).digest('hex'),
});
const texts = { u1: '<user>Hi</><assistant>', a1: '<user>Hi</><assistant>Hello ' };
const points = [point('u1', texts.u1), point('a1', texts.a1, 'u1')];
const target = targetOf(tokenizer(), null, path);
const kept =
  (...turns: string[]) =>
  (of: PointHead) =>
    turns.includes(of.turn);

describe('the end of a turn as text', () => {
  it("of a user's turn has the opening of the reply", () => {
    expect(target).toEqual({
      turn: 'u2',
      text: '<user>Hi</><assistant>Hello </><user>More</><assistant>',
      shown: target.text,
    });
  });
  it('of a reply ends with its last word, made inert', () => {
    const reply = [turn('u', 'user', 'Hi'), turn('a', 'assistant', 'a <b')];
    expect(targetOf(tokenizer(), 'Be short.', reply).text).toBe(
      '<system>Be short.</><user>Hi</><assistant>a ‹b',
    );
  });
  it("is shown trimmed where the template trims, the opening's own white space left alone", () => {
    const trimming = tokenizer(true);
    const reply = [turn('u', 'user', 'Hi'), turn('a', 'assistant', ' \n')];
    const { text, shown } = targetOf(trimming, null, reply);
    expect(text).toBe('<user>Hi</><assistant> \n');
    expect(shown).toBe('<user>Hi</><assistant>');
    expect(shownReply(trimming, 'So \n')).toBe('So');
    expect(shownReply(tokenizer(), 'So \n')).toBe('So \n');
  });
  it('begins with a system line only where there is one', () => {
    const said: Message[] = [{ role: 'user', content: 'Hi' }];
    expect(messagesOf(null, path.slice(0, 1))).toEqual(said);
    expect(messagesOf('', path.slice(0, 1))).toEqual([{ role: 'system', content: '' }, ...said]);
  });
});

describe('points on the way', () => {
  it('are those whose text it begins with, shortest first', () => {
    const other = point('x', '<user>Hi</><assistant>No');
    expect(standing(target.text, [...points, other].reverse())).toEqual(points);
  });
  it('are found behind one that ends inside a character', () => {
    const text = 'a🦙b';
    const half = point('half', 'a\ud83e');
    const behind = point('behind', 'a🦙');
    expect(standing(text, [point('wrong', 'b\ud83e'), half, behind])).toEqual([half, behind]);
  });
  it('are none when the text is another from its beginning', () => {
    expect(standing(`<system>New</>${target.text}`, points)).toEqual([]);
  });
});

describe('which state to start from', () => {
  it('is a fresh one when nothing was read', () => {
    expect(startOf(target, [], kept())).toEqual({ base: null, chain: [], end: null, rest: target.text });
  });
  it('is the deepest that is kept, and only the rest is encoded', () => {
    const start = startOf(target, points, kept('u1', 'a1'));
    expect(start).toEqual({
      base: points[1],
      chain: [],
      end: points[1],
      rest: '</><user>More</><assistant>',
    });
    expect(texts.a1 + start.rest).toBe(target.text);
  });
  it('leads over the ids of points whose states are gone', () => {
    expect(startOf(target, points, kept('u1'))).toMatchObject({ base: points[0], chain: [points[1]] });
    expect(startOf(target, points, kept())).toMatchObject({ base: null, chain: points });
  });
  it('reads nothing at the very point', () => {
    const all = [...points, point('u2', target.text, 'a1')];
    expect(startOf(target, all, kept('u2'))).toMatchObject({ base: all[2], chain: [], rest: '' });
  });
  it("reads no white space twice that the template trims at a reply's end", () => {
    const trimming = targetOf(tokenizer(true), null, path);
    const trimmed = [points[0] as PointHead, point('a1', texts.a1.trimEnd(), 'u1')];
    expect(startOf(trimming, trimmed, kept('a1'))).toMatchObject({
      base: trimmed[1],
      rest: '</><user>More</><assistant>',
    });
    const reply = targetOf(tokenizer(true), null, path.slice(0, 2));
    expect(startOf(reply, trimmed, kept('a1')).rest).toBe('');
  });
  it('does not lead over a point that stands for another text by now', () => {
    const moved = [point('u1', '<user>Other'), points[1] as PointHead];
    expect(startOf(target, moved, kept('u1')).end).toBeNull();
    expect(startOf(target, moved, kept('a1')).base).toBe(moved[1]);
  });
  it('does not lead over a point that has read more than the one after it', () => {
    const longer = { ...(points[0] as PointHead), tokens: 1000 };
    const start = startOf(target, [longer, points[1] as PointHead], kept('u1'));
    expect(start.end).toBe(longer);
  });
});
