import { describe, expect, it } from 'vitest';
import { helpOf, parseOptions, samplingGiven, samplingOptions } from '../../electron/headless/options.ts';

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
