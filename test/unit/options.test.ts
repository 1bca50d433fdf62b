import { describe, expect, it } from 'vitest';
import {
  helpOf,
  parseOptions,
  samplingGiven,
  samplingOptions,
  usageOf,
} from '../../electron/headless/options.ts';

describe('command-line options', () => {
  it('reads every kind', () => {
    const given = parseOptions(
      ['--temperature', '0.5', '--top-k', '40', '--stop', 'a', '--stop', 'b'],
      samplingOptions,
    );
    expect(given).toMatchObject({ temperature: 0.5, 'top-k': 40, stop: ['a', 'b'], seed: undefined });
  });
  for (const args of [
    ['--top-k', '1.5'],
    ['--top-k', 'x'],
    ['--temperature', '-1'],
    ['--temperature', ''],
    ['--nope'],
    ['--seed'],
  ]) {
    it(`refuses ${args.join(' ')}`, () => {
      expect(() => parseOptions(args, samplingOptions)).toThrowError(
        expect.objectContaining({ code: 'bad-request' }),
      );
    });
  }
  it('takes no value out of its range', () => {
    const given = (...args: string[]) => samplingGiven(parseOptions(args, samplingOptions));
    expect(given('--temperature', '0', '--max-tokens', '5', '--stop', 'a')).toEqual({
      temperature: 0,
      maxTokens: 5,
      stop: ['a'],
    });
    expect(given()).toEqual({});
    for (const args of [
      ['--top-p', '2'],
      ['--min-p', '1'],
      ['--repetition-penalty', '0'],
      ['--stop', ''],
    ]) {
      expect(() => given(...args)).toThrowError(
        expect.objectContaining({ code: 'bad-request', message: expect.stringContaining(`${args[0]}: `) }),
      );
    }
  });
  it('writes a help line for each option', () => {
    const help = helpOf('run', 'About.', samplingOptions);
    for (const name of Object.keys(samplingOptions)) expect(help).toContain(`--${name}`);
  });
});

describe('words of a command', () => {
  const options = {
    session: { kind: 'word', value: 'SESSION', help: '' },
    turn: { kind: 'word?', value: 'TURN', help: '' },
    off: { kind: 'flag', help: '' },
  } as const;
  const text = { text: { kind: 'rest', value: 'TEXT', help: '' } } as const;

  it('are told by their place, whatever options stand between', () => {
    expect(parseOptions(['a', '--off', 'b'], options)).toEqual({ session: 'a', turn: 'b', off: true });
    expect(parseOptions(['a'], options)).toEqual({ session: 'a', turn: undefined, off: false });
    expect(parseOptions(['a', 'b', 'c d', '--', '--off'], { ...options, ...text })).toEqual({
      session: 'a',
      turn: 'b',
      text: 'c d --off',
      off: false,
    });
  });
  it('are refused when one is missing or too many', () => {
    const refused = (args: string[], declared: Parameters<typeof parseOptions>[1], said: RegExp) =>
      expect(() => parseOptions(args, declared)).toThrowError(
        expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(said) }),
      );
    refused([], options, /SESSION is missing/);
    refused([], text, /TEXT is missing/);
    refused(['a', 'b', 'c'], options, /"c" is one word too many/);
    refused(['a'], samplingOptions, /'a'/);
  });
  it('stand in the usage line and in the help', () => {
    expect(usageOf({ ...options, ...text })).toBe('SESSION [TURN] TEXT...');
    expect(helpOf('x', 'About.', options)).toMatch(/^ {2}SESSION .*\n {2}TURN .*\n {2}--off/m);
  });
});
