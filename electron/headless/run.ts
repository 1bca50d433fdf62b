/** `llamba run`: one prompt, one reply. */
import { generateText, rate } from '../core/generate-text.ts';
import type { Message } from '../core/tokenizer.ts';
import { AppError } from '../shared/errors.ts';
import { untilInterrupt } from './interrupt.ts';
import { localCore } from './local-core.ts';
import { helpOf, jsonOption, modelOption, parseOptions, samplingGiven, samplingOptions } from './options.ts';

const options = {
  prompt: { kind: 'text', value: 'T', help: 'what to say to the model' },
  system: { kind: 'text', value: 'T', help: "the system line, in place of the model's own" },
  ...modelOption,
  ...samplingOptions,
  raw: { kind: 'flag', help: 'feed the prompt as it is, without the chat template' },
  ...jsonOption,
} as const;

export const help = helpOf('run --prompt T [options]', 'Writes one reply.', options);

export async function run(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const { prompt, system, raw, json } = given;
  if (prompt === undefined || prompt === '') throw missing;
  const sampling = samplingGiven(given);
  const core = localCore('cli');
  try {
    await core.load(given.model ?? null);
    const ready = await core.ready();
    const { tokenizer, rpc, loaded } = ready;
    const messages: Message[] = [{ role: 'user', content: prompt }];
    if (system !== undefined) messages.unshift({ role: 'system', content: system });
    const ids = raw ? tokenizer.encodeAlone(prompt) : tokenizer.encode(tokenizer.render(messages, true));
    const { state } = await rpc.call('state.create', { model: ready.model });
    const { text, stopReason, result } = await generateText(ready, {
      state,
      ids,
      sampling: { ...ready.defaults.sampling, ...sampling },
      signal: untilInterrupt(),
      onText: (piece) => json || process.stdout.write(piece),
    });
    const [memory, device, info] = await Promise.all([
      rpc.call('memory', {}),
      rpc.call('device', {}),
      rpc.call('state.info', { state }),
    ]);
    const prefillTokensPerSecond = rate(result.promptTokens, result.prefillMs);
    const decodeTokensPerSecond = rate(result.generatedTokens - 1, result.decodeMs);
    if (!json) {
      process.stdout.write('\n');
      const speeds = [
        `${result.promptTokens} tokens read${speed(prefillTokensPerSecond)}`,
        `${result.generatedTokens} written${speed(decodeTokensPerSecond)}`,
        `first after ${result.ttftMs.toFixed(0)} ms`,
      ];
      if (process.stderr.isTTY) process.stderr.write(`\n${speeds.join(', ')}\n`);
      return;
    }
    const answer = {
      text,
      stopReason,
      promptTokens: result.promptTokens,
      generatedTokens: result.generatedTokens,
      ttftMs: result.ttftMs,
      prefillTokensPerSecond,
      decodeTokensPerSecond,
      stateBytes: info.bytes,
      weightBytes: loaded.weightBytes,
      activeMemoryBytes: memory.activeBytes,
      peakMemoryBytes: memory.peakBytes,
      footprintBytes: memory.footprintBytes,
      model: loaded.id,
      backend: device.backend,
      device: device.name,
    };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  } finally {
    await core.close();
  }
}

const speed = (value: number | null) => (value === null ? '' : ` at ${value.toFixed(1)} tokens/s`);
const missing = new AppError('bad-request', 'There is no prompt.', 'Give one: llamba run --prompt "Hello"');
