import { describe, expect, it } from 'vitest';
import { helpOf, parseOptions, samplingOf, samplingOptions } from '../../electron/headless/options.ts';

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
  it('puts what was given over the defaults', () => {
    const defaults = {
      temperature: 0.7,
      topK: 0,
      topP: 0.9,
      minP: 0,
      repetitionPenalty: 1.1,
      maxTokens: 512,
      seed: null,
      stop: [],
    };
    const given = parseOptions(['--temperature', '0', '--max-tokens', '5'], samplingOptions);
    expect(samplingOf(given, defaults)).toEqual({ ...defaults, temperature: 0, maxTokens: 5 });
  });
  it('writes a help line for each option', () => {
    const help = helpOf('run', 'About.', samplingOptions);
    for (const name of Object.keys(samplingOptions)) expect(help).toContain(`--${name}`);
  });
});
